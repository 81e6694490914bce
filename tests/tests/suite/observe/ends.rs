//! Every start has its end: exactly one, before that of what is around it, and nothing after it; whatever stops the run, and in
//! whichever task or thread its steps are.

use catena::{
    BoxRunnable, CancellationToken, Config, Context, Error, ErrorKind, Event, EventKind, Observer, RunId, prelude::*,
};
use catena_tests::{Scripted, ms, secs};
use futures_util::{Stream, StreamExt, stream};
use proptest::prelude::*;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Start,
    Between,
    End,
}

#[derive(Clone, Debug)]
struct Told {
    run: RunId,
    parent: Option<RunId>,
    name: String,
    what: What,
    error: Option<ErrorKind>,
}

#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<Told>>>);

impl Observer for Record {
    fn event(&self, event: &Event) {
        let what = match event.kind {
            EventKind::Start { .. } => What::Start,
            EventKind::End { .. } | EventKind::Error { .. } => What::End,
            _ => What::Between,
        };
        self.0.lock().unwrap().push(Told {
            run: event.run.id(),
            parent: event.run.parent().map(catena::Run::id),
            name: event.run.name().to_owned(),
            what,
            error: event.error().map(|error| error.kind().clone()),
        });
    }
}

impl Record {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// `start slow`, `end slow cancelled`.
    fn lines(&self) -> Vec<String> {
        let line = |told: &Told| match (told.what, &told.error) {
            (What::Start, _) => format!("start {}", told.name),
            (What::Between, _) => format!("between {}", told.name),
            (What::End, None) => format!("end {}", told.name),
            (What::End, Some(ErrorKind::Cancelled)) => format!("end {} cancelled", told.name),
            (What::End, Some(_)) => format!("end {} failed", told.name),
        };
        self.0.lock().unwrap().iter().map(line).collect()
    }

    /// What is wrong with the order, if anything is.
    fn fault(&self) -> Option<String> {
        let told = self.0.lock().unwrap();
        // The runs that are open, with those around them.
        let mut open: HashMap<RunId, Option<RunId>> = HashMap::new();
        let mut ended = Vec::new();
        for (at, event) in told.iter().enumerate() {
            let fault = match event.what {
                _ if ended.contains(&event.run) => Some("comes after the end of its run"),
                What::Start if event.parent.is_some_and(|parent| !open.contains_key(&parent)) => {
                    Some("starts in a run that is not open")
                }
                What::Start => open.insert(event.run, event.parent).map(|_| "starts twice"),
                What::Between => (!open.contains_key(&event.run)).then_some("comes before the start of its run"),
                What::End if open.values().any(|parent| *parent == Some(event.run)) => {
                    Some("ends before what is open in it")
                }
                What::End => {
                    ended.push(event.run);
                    open.remove(&event.run).is_none().then_some("ends without a start")
                }
            };
            if let Some(fault) = fault {
                return Some(format!("event {at}, of `{}`, {fault}: {told:#?}", event.name));
            }
        }
        (!open.is_empty()).then(|| format!("{} runs have no end: {told:#?}", open.len()))
    }

    fn config(&self) -> Config {
        Config::new().observe(self.clone())
    }
}

#[runnable]
async fn slow(n: u64, cx: &Context) -> u64 {
    cx.emit("begun", || n);
    sleep(secs(9)).await;
    cx.emit("late", || n);
    n
}

#[runnable]
async fn quick(n: u64) -> u64 {
    sleep(secs(1)).await;
    n
}

/// Blocks a thread that goes on when its caller has given up, and emits an event there.
#[runnable(blocking)]
fn thread(n: u64, cx: &Context) -> u64 {
    for _ in 0..3 {
        cx.emit("working", || n);
        std::thread::sleep(ms(1));
        let _ = tokio::runtime::Handle::current().block_on(inc.call(n, cx));
    }
    n
}

#[runnable]
fn inc(n: u64) -> u64 {
    n + 1
}

#[runnable]
async fn fails(n: u64) -> catena::Result<u64> {
    sleep(ms(2)).await;
    Err(Error::msg(n.to_string()))
}

/// Leaves something to itself, in a task that is not awaited.
#[runnable]
fn detaches(n: u64, cx: &Context) -> u64 {
    let cx = cx.clone();
    drop(tokio::spawn(async move {
        cx.emit("left", || n);
        let _ = nap(1).call(n, &cx).await;
        cx.emit("alone", || n);
    }));
    n
}

#[runnable]
fn pieces(n: u64) -> impl Stream<Item = u64> + Send {
    stream::iter(0..3).then(move |at| async move {
        sleep(ms(1)).await;
        n + at
    })
}

fn nap(millis: u64) -> impl Runnable<u64, Output = u64> + Clone + 'static {
    chain!(u64 => move |n| {
        sleep(ms(millis)).await;
        n
    })
}

/// Lets tasks that were stopped notice it.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_lost_a_race_ends_before_the_race() {
    let record = Record::default();
    let chain = chain!(u64 => slow.spawned().race(quick) | |n| n + 1);
    assert_eq!(chain.invoke_with(1, record.config()).await.unwrap(), 2);
    let after = record.count();
    settle().await;
    assert_eq!(record.count(), after, "nothing is told after the run's end");
    assert_eq!(
        record.lines(),
        [
            "start sequence",
            "start race",
            "start quick",
            "start slow",
            "between slow",
            "end quick",
            "end slow cancelled",
            "end race",
            "start |n|",
            "end |n|",
            "end sequence",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_drawing_shows_nothing_that_still_runs() {
    let drawing = catena::Drawing::new("race");
    let chain = chain!(u64 => slow.spawned().race(quick) | |n| n + 1);
    chain.invoke_with(1, Config::new().observe(drawing.clone())).await.unwrap();
    let text = drawing.text(120);
    assert!(text.contains("slow [spawned] ⊘ 1.00 s") && !text.contains('…'), "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_task_is_told_when_its_caller_gives_up() {
    // There is no run around any of these.
    let timeout = slow.spawned().timeout(secs(1));
    let twice = slow.spawned().timeout(secs(1)).retry(Retry::attempts(2).base(secs(1)));
    let nested = chain!(u64 => slow.spawned() | inc).spawned().timeout(secs(1));
    let chains: [BoxRunnable<u64, u64>; 3] = [timeout.boxed(), twice.boxed(), nested.boxed()];
    for (chain, starts) in chains.into_iter().zip([1, 3, 2]) {
        let record = Record::default();
        chain.invoke_with(1, record.config()).await.unwrap_err();
        let lines = record.lines();
        assert_eq!(lines.iter().filter(|line| line.starts_with("start")).count(), starts, "{lines:?}");
        settle().await;
        assert_eq!(record.lines(), lines);
        assert_eq!(record.fault(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_begins_again_after_the_end_of_the_attempt() {
    let record = Record::default();
    let chain = slow.spawned().timeout(secs(1)).retry(Retry::attempts(2).base(secs(1)).jitter(false));
    chain.invoke_with(1, record.config()).await.unwrap_err();
    let attempt = ["start slow", "between slow", "end slow cancelled"];
    // The retry has the name of its step.
    let expected: Vec<_> =
        ["start slow"].into_iter().chain(attempt).chain(attempt).chain(["end slow failed"]).collect();
    assert_eq!(record.lines(), expected);
}

#[tokio::test(start_paused = true)]
async fn whoever_stops_a_task_its_end_is_told() {
    let token = CancellationToken::new();
    let bad = Scripted::fails(Error::msg("no")).after(secs(1));
    let sibling = chain!(String => <slow: (chain!(String => |_text| 1_u64 | slow.spawned())), bad: bad>);
    let record = Record::default();
    sibling.invoke_with(String::new(), record.config()).await.unwrap_err();
    assert_eq!(record.fault(), None);

    let record = Record::default();
    slow.spawned().invoke_with(1, record.config().deadline(secs(1))).await.unwrap_err();
    assert_eq!(record.fault(), None);

    let record = Record::default();
    let chain = chain!(u64 => slow.spawned());
    let run = chain.invoke_with(1, record.config().cancel(token.clone()));
    let (outcome, ()) = futures_util::join!(run, async {
        sleep(secs(1)).await;
        token.cancel();
    });
    outcome.unwrap_err();
    assert_eq!(record.fault(), None);

    let record = Record::default();
    assert!(tokio::time::timeout(secs(1), chain.invoke_with(1, record.config())).await.is_err());
    assert_eq!((record.fault(), record.count()), (None, 3));

    let record = Record::default();
    let streamed = Scripted::says(["a", "b", "c"]).every(secs(1)).spawned();
    let mut chunks = streamed.stream_with((), record.config());
    chunks.next().await.unwrap().unwrap();
    drop(chunks);
    let count = record.count();
    assert_eq!(record.fault(), None);
    settle().await;
    assert_eq!(record.count(), count);

    let record = Record::default();
    let mut batch = chain.batch_as_completed([1, 2]).config(record.config());
    assert!(tokio::time::timeout(secs(1), batch.next()).await.is_err());
    drop(batch);
    assert_eq!(record.fault(), None);
}

#[tokio::test]
async fn nothing_is_told_of_a_thread_that_was_given_up() {
    let record = Record::default();
    let chain = chain!(u64 => thread);
    chain.timeout(Duration::from_micros(1500)).invoke_with(1, record.config()).await.unwrap_err();
    let lines = record.lines();
    assert_eq!(record.fault(), None);
    // Until the thread is done: the runtime waits for it.
    tokio::task::spawn_blocking(|| std::thread::sleep(ms(20))).await.unwrap();
    assert_eq!(record.lines(), lines);
}

#[tokio::test(start_paused = true)]
async fn what_a_step_leaves_behind_ends_with_the_step() {
    let record = Record::default();
    let chain = chain!(u64 => detaches | quick);
    chain.invoke_with(1, record.config()).await.unwrap();
    settle().await;
    assert_eq!(record.fault(), None);
}

#[tokio::test]
async fn a_task_that_panics_says_so() {
    #[runnable]
    async fn panics(n: u64) -> u64 {
        tokio::task::yield_now().await;
        panic!("{n}")
    }
    let record = Record::default();
    let chain = chain!(u64 => panics.spawned() | inc);
    assert_eq!(chain.invoke_with(1, record.config()).await.unwrap_err().kind(), &ErrorKind::Panic);
    assert_eq!(record.fault(), None);
    assert_eq!(record.0.lock().unwrap()[2].error, Some(ErrorKind::Panic));
}

/// A chain at random.
#[derive(Clone, Debug)]
enum Plan {
    Ready,
    Nap(u64),
    Emits,
    Fails,
    Thread,
    Pieces,
    Detaches,
    Spawned(Box<Plan>),
    Race(Box<Plan>, Box<Plan>),
    Then(Box<Plan>, Box<Plan>),
    Both(Box<Plan>, Box<Plan>),
    Map(Box<Plan>, usize),
    Timeout(Box<Plan>, u64),
    Deadline(Box<Plan>, u64),
    Settle(Box<Plan>),
    Retry(Box<Plan>),
    Fallback(Box<Plan>, Box<Plan>),
}

fn plans() -> impl Strategy<Value = Plan> {
    let leaf = prop_oneof![
        Just(Plan::Ready),
        (0..4_u64).prop_map(Plan::Nap),
        Just(Plan::Emits),
        Just(Plan::Fails),
        Just(Plan::Thread),
        Just(Plan::Pieces),
        Just(Plan::Detaches),
    ];
    leaf.prop_recursive(5, 12, 2, |inner| {
        let one = inner.prop_map(Box::new);
        let two = (one.clone(), one.clone());
        prop_oneof![
            3 => one.clone().prop_map(Plan::Spawned),
            2 => two.clone().prop_map(|(a, b)| Plan::Race(a, b)),
            2 => two.clone().prop_map(|(a, b)| Plan::Then(a, b)),
            2 => two.clone().prop_map(|(a, b)| Plan::Both(a, b)),
            1 => (one.clone(), 0..4_usize).prop_map(|(a, n)| Plan::Map(a, n)),
            2 => (one.clone(), 0..4_u64).prop_map(|(a, n)| Plan::Timeout(a, n)),
            1 => (one.clone(), 1..4_u64).prop_map(|(a, n)| Plan::Deadline(a, n)),
            1 => one.clone().prop_map(Plan::Settle),
            1 => one.clone().prop_map(Plan::Retry),
            1 => two.prop_map(|(a, b)| Plan::Fallback(a, b)),
        ]
    })
}

fn built(plan: &Plan) -> BoxRunnable<u64, u64> {
    let boxed = |plan: &Plan| built(plan);
    match plan {
        Plan::Ready => inc.boxed(),
        Plan::Nap(millis) => nap(*millis).boxed(),
        Plan::Emits => chain!(u64 => inc | emits).boxed(),
        Plan::Fails => fails.boxed(),
        Plan::Thread => thread.boxed(),
        Plan::Pieces => chain!(u64 => pieces.spawned() | |all| all.len() as u64).boxed(),
        Plan::Detaches => detaches.boxed(),
        Plan::Spawned(a) => boxed(a).spawned().boxed(),
        Plan::Race(a, b) => boxed(a).race(boxed(b)).boxed(),
        Plan::Then(a, b) => {
            let (a, b) = (boxed(a), boxed(b));
            chain!(u64 => a | b).boxed()
        }
        Plan::Both(a, b) => {
            let (a, b) = (boxed(a), boxed(b));
            chain!(u64 => <a: a, b: b> | |r| r.a.max(r.b)).boxed()
        }
        Plan::Map(a, n) => {
            let (a, n) = (boxed(a), *n);
            chain!(u64 => move |input| vec![input; n] | a.map() | |all| all.len() as u64).boxed()
        }
        Plan::Timeout(a, millis) => boxed(a).timeout(ms(*millis)).boxed(),
        Plan::Deadline(a, millis) => boxed(a).with_config(Config::new().deadline(ms(*millis))).boxed(),
        Plan::Settle(a) => {
            let a = boxed(a);
            chain!(u64 => <a?: a> | |r| r.a.unwrap_or(0)).boxed()
        }
        Plan::Retry(a) => boxed(a).retry(Retry::attempts(2).base(ms(1))).boxed(),
        Plan::Fallback(a, b) => boxed(a).fallback(boxed(b)).boxed(),
    }
}

#[runnable]
async fn emits(n: u64, cx: &Context) -> u64 {
    for _ in 0..3 {
        cx.emit("one", || n);
        tokio::task::yield_now().await;
    }
    n
}

/// Who ends the run, unless it ends by itself.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Never,
    Dropped(u64),
    DroppedWhenPolled(usize),
    Cancelled(u64),
    StreamDropped(u64),
    EventsDropped(usize),
}

fn stops() -> impl Strategy<Value = Stop> {
    prop_oneof![
        Just(Stop::Never),
        (0..6_u64).prop_map(Stop::Dropped),
        (0..12_usize).prop_map(Stop::DroppedWhenPolled),
        (0..6_u64).prop_map(Stop::Cancelled),
        (0..6_u64).prop_map(Stop::StreamDropped),
        (0..12_usize).prop_map(Stop::EventsDropped),
    ]
}

async fn run(plan: &Plan, stop: Stop, record: &Record) {
    let chain = built(plan);
    match stop {
        Stop::Never => drop(chain.invoke_with(1, record.config()).await),
        Stop::Dropped(millis) => {
            drop(tokio::time::timeout(ms(millis), chain.invoke_with(1, record.config())).await);
        }
        Stop::DroppedWhenPolled(times) => {
            let mut run = Box::pin(chain.invoke_with(1, record.config()));
            let mut polls = 0;
            std::future::poll_fn(|task| {
                polls += 1;
                if polls > times || run.as_mut().poll(task).is_ready() {
                    return std::task::Poll::Ready(());
                }
                std::task::Poll::Pending
            })
            .await;
        }
        Stop::Cancelled(millis) => {
            let token = CancellationToken::new();
            let run = chain.invoke_with(1, record.config().cancel(token.clone()));
            let cancel = async {
                sleep(ms(millis)).await;
                token.cancel();
            };
            futures_util::pin_mut!(cancel);
            drop(futures_util::join!(run, cancel));
        }
        Stop::StreamDropped(millis) => {
            let chunks = chain.stream_with(1, record.config());
            drop(tokio::time::timeout(ms(millis), chunks.count()).await);
        }
        Stop::EventsDropped(count) => {
            chain.events(1).capacity(2).with(record.config()).take(count).count().await;
        }
    }
}

fn check(plan: &Plan, stop: Stop, runtime: &tokio::runtime::Runtime) -> Result<(), TestCaseError> {
    let record = Record::default();
    runtime.block_on(run(plan, stop, &record));
    let fault = record.fault();
    prop_assert!(fault.is_none(), "{}", fault.unwrap_or_default());
    let told = record.count();
    runtime.block_on(async { tokio::time::timeout(ms(8), std::future::pending::<()>()).await.unwrap_err() });
    prop_assert_eq!(
        record.count(),
        told,
        "something is told after the outermost run's end: {:#?}",
        record.0.lock().unwrap()
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_start_has_one_end_on_one_thread(plan in plans(), stop in stops()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        check(&plan, stop, &runtime)?;
    }

    #[test]
    fn every_start_has_one_end_on_several_threads(plan in plans(), stop in stops()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_time().build().unwrap();
        check(&plan, stop, &runtime)?;
    }
}
