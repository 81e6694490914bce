//! What a call costs: nothing of its own. The counts are of this thread alone.

use allocation_counter::{AllocationInfo, measure};
use catena::{Chunks, Concat, Failed, prelude::*};
use futures_util::{FutureExt, Stream, StreamExt, stream, task::noop_waker_ref};
use std::{
    pin::pin,
    task::{Context as Task, Poll},
};

/// What a future allocates until it is done. It never waits for anything but its turn.
fn cost<T>(future: impl Future<Output = T>) -> (T, AllocationInfo) {
    let (mut future, mut output) = (pin!(future), None);
    let info = measure(|| {
        let mut task = Task::from_waker(noop_waker_ref());
        for _ in 0..1000 {
            if let Poll::Ready(done) = future.as_mut().poll(&mut task) {
                output = Some(done);
                break;
            }
        }
    });
    (output.expect("it is done after a thousand turns"), info)
}

/// Asserts that a call succeeds and allocates nothing, from the making of its future on.
fn assert_free<In: Send, R: Runnable<In>>(what: &str, chain: &R, input: In) -> R::Output {
    let (output, info) = cost(async { chain.invoke(input).await });
    assert_eq!((info.count_total, info.bytes_total), (0, 0), "{what} allocates");
    output.unwrap()
}

/// Gives way once, allocates nothing.
#[runnable]
async fn inc(n: u64) -> u64 {
    let mut waited = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
    n + 1
}

#[runnable]
fn add_one(n: u64) -> u64 {
    n + 1
}

#[runnable]
async fn refuse(_n: u64) -> catena::Result<u64> {
    Err(catena::Error::msg("not now"))
}

#[runnable]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

#[runnable]
fn length(text: &str) -> usize {
    text.len()
}

#[runnable]
async fn spaces(text: &str) -> usize {
    text.matches(' ').count()
}

#[runnable]
fn instead(failed: &Failed<u64>) -> u64 {
    failed.input
}

#[runnable]
fn compare() -> impl Runnable<u64, Output = u64> {
    chain!(u64 => inc | <a: inc, b: inc> | add)
}

#[test]
fn the_counter_counts() {
    let (text, info) = cost(async { String::from("counted") });
    assert_eq!((text.len(), info.count_total, info.bytes_total), (7, 1, 7));
}

#[test]
fn a_call_allocates_nothing() {
    assert_eq!(assert_free("a step", &inc, 1), 2);
    assert_eq!(assert_free("a sequence", &chain!(u64 => inc | |n| n * 2 | inc), 1), 5);
    assert_eq!(
        assert_free("an async closure", &chain!(u64 => |n| async move { n + 1 } | |n| inc.invoke(n).await?), 1),
        3
    );
    assert_eq!(assert_free("a map", &chain!(u64 => <a: inc, b: inc | inc, c?: inc> | add), 1), 5);
    assert_eq!(assert_free("nested maps", &chain!(u64 => <a: <a: inc, b: inc> | add, b: inc> | add), 1), 6);
    assert_eq!(assert_free("picks", &chain!(u64 => <a: inc, b: _> | .{b, a} | .a), 1), 2);
    let rest = chain!(u64 => <a: inc, b: inc> | <.., c: .a> | |r| r.a + r.b + r.c);
    assert_eq!(assert_free("`..`", &rest, 1), 6);
    let branch = chain!(u64 => match { 0 => inc, n if n > 5 => |n| n, _ => <a: inc, b: inc> | add });
    assert_eq!(
        (assert_free("an arm", &branch, 0), assert_free("an arm", &branch, 9), assert_free("an arm", &branch, 1)),
        (1, 9, 4)
    );
    assert_eq!(assert_free("retry", &inc.retry(3), 1), 2);
    assert_eq!(assert_free("retry with a predicate", &inc.retry(Retry::attempts(3).when(|_| true)), 1), 2);
    assert_eq!(assert_free("a fallback", &inc.fallback(inc), 1), 2);
    assert_eq!(assert_free("a fallback that sees the error", &inc.fallback_with_error(instead), 1), 2);
    assert_eq!(assert_free("a race", &inc.race(inc), 1), 2);
    assert_eq!(assert_free("a name", &inc.named(String::from("given at run time")), 1), 2);
    assert_eq!(assert_free("a tap", &inc.tap(|_| ()), 1), 2);
    assert_eq!(assert_free("a builder's name", &compare(), 1), 6);
    assert_eq!(assert_free("a shared chain", &std::sync::Arc::new(compare()), 1), 6);
    let all = chain!(u64 =>
        compare() | <a: inc.retry(3).fallback(inc).named("a"), b?: compare().retry(2).named("b")> | |r| r.a + r.b?
        | match { 0 => inc, _ => compare().fallback(inc).retry(2) }
    );
    assert_free("all of it nested", &all, 1);
}

#[test]
fn thirteen_steps_and_branches_allocate_nothing() {
    let steps = chain!(u64 => inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc);
    assert_eq!(assert_free("thirteen steps", &steps, 0), 13);
    let branches = chain!(u64 => <
        a: inc, b: inc, c: inc, d: inc, e: inc, f: inc, g: inc, h: inc, i: inc, j: inc, k: inc, l: inc, m: inc
    >);
    assert_eq!(assert_free("thirteen branches", &branches, 0).m, 1);
}

#[test]
fn a_timeout_allocates_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _inside = runtime.enter();
    let chain = inc.timeout(std::time::Duration::from_mins(1)).retry(2);
    // The first timer of a thread may set something up.
    chain.invoke(1).now_or_never();
    assert_eq!(assert_free("a timeout", &chain, 1), 2);
}

#[test]
fn a_boxed_call_is_a_call_in_a_box() {
    let (chain, ready) = (chain!(u64 => add_one | inc | add_one).boxed(), chain!(u64 => add_one | add_one).boxed());
    let (output, info) = cost(async { chain.invoke(1).await });
    assert_eq!((output.unwrap(), info.count_total), (4, 1));
    let by_hand = async { Ok::<_, catena::Error>(add_one::function(inc::function(add_one::function(1)).await)) };
    let (_, hand) = cost(async { by_hand.boxed().await });
    println!("{} bytes, and {} by hand", info.bytes_total, hand.bytes_total);
    assert!(info.bytes_total <= hand.bytes_total + 16, "{} bytes, and {} by hand", info.bytes_total, hand.bytes_total);
    // The step, its input, the context, and whether it is started.
    let (output, info) = cost(async { ready.invoke(1).await });
    assert_eq!((output.unwrap(), info.count_total, info.bytes_total), (3, 1, 32));
}

#[test]
fn an_error_of_one_step_is_one_allocation() {
    let retried = refuse.retry(Retry::attempts(3).base(std::time::Duration::ZERO));
    let (error, info) = cost(refuse.invoke(1));
    assert_eq!((error.unwrap_err().path().as_str(), info.count_total), ("refuse", 1));
    // One for each attempt, and one for those after the first.
    let (error, info) = cost(retried.invoke(1));
    assert_eq!((error.unwrap_err().attempts(), info.count_total), (3, 4));
    let (output, info) = cost(chain!(u64 => refuse.fallback(inc)).invoke(1));
    assert_eq!((output.unwrap(), info.count_total), (2, 1));
}

#[test]
fn branches_that_read_a_large_text_copy_nothing() {
    let text = || "a b c d ".repeat(2 * 1024);
    assert_eq!(text().len(), 16 * 1024);
    let out = assert_free("three branches", &chain!(String => <a: length, b: spaces, c: length | |n| n * 2>), text());
    assert_eq!((out.a, out.b, out.c), (16384, 8192, 32768));
    let wrapped = chain!(String => <a: length.retry(3), b: spaces.fallback(length), c?: length.named("c"), d: length.tap(|_| ())>);
    assert_eq!(assert_free("wrapped branches", &wrapped, text()).b, 8192);
    let nested = chain!(String => <a: <b: length, c: <d: spaces>>, e: chain!(String => length | |n| n + 1)>);
    assert_eq!(assert_free("nested maps", &nested, text()).e, 16385);
    assert_eq!(assert_free("a retry", &length.retry(3).fallback(spaces).race(length), text()), 16384);
}

#[test]
fn a_pick_at_the_start_of_a_branch_copies_that_field_alone() {
    #[derive(Clone, Record)]
    struct Document {
        title: String,
        body: String,
    }
    let chain = chain!(Document => <title: .title, size: |d: Document| d.body.len()> | .title);
    let document = Document { title: "title".into(), body: "b".repeat(16 * 1024) };
    let only_title = chain!(Document => <title: .title | length, again: .{title} | |r| r.title.len()>);
    let (out, info) = cost(only_title.invoke(document.clone()));
    assert_eq!((out.unwrap().title, info.bytes_total), (5, 10));
    let (out, info) = cost(chain.invoke(document));
    assert_eq!(out.unwrap(), "title");
    assert!(info.bytes_total > 16 * 1024, "a closure in a branch takes a copy of its own");
}

/// As many chunks as it is told, each without an allocation.
struct Many(usize);

#[runnable]
impl Runnable<u64> for Many {
    type Output = String;
    type Chunk = String;
    type Assembler = Concat;

    fn assembler(&self) -> Concat {
        Concat::default()
    }

    async fn call(&self, _input: u64, _cx: &Context) -> catena::Result<String> {
        Ok(String::new())
    }

    fn call_stream<'a>(&'a self, _input: u64, _cx: &'a Context) -> Chunks<'a, String>
    where
        u64: 'a,
    {
        Chunks::new(stream::iter((0..self.0).map(|_| Ok(String::new()))))
    }
}

/// Lets pieces of text through.
#[derive(Clone, Copy)]
struct Through;

#[runnable]
impl Runnable<String> for Through {
    type Output = String;
    type Chunk = String;
    type Assembler = Concat;

    fn assembler(&self) -> Concat {
        Concat::default()
    }

    async fn call(&self, input: String, _cx: &Context) -> catena::Result<String> {
        Ok(input)
    }

    fn call_stream<'a>(&'a self, input: String, cx: &'a Context) -> Chunks<'a, String>
    where
        String: 'a,
    {
        Chunks::once(self.call(input, cx))
    }

    fn transform<'a, Up>(&'a self, chunks: Chunks<'a, Up::Chunk>, _: Up, _: &'a Context) -> Chunks<'a, String>
    where
        Up: catena::Assemble<Output = String>,
        String: 'a,
    {
        Chunks::new(chunks.map(|chunk| {
            let mut chunk = Some(chunk?);
            let text = (&mut chunk as &mut dyn std::any::Any).downcast_mut::<Option<String>>().and_then(Option::take);
            text.ok_or_else(|| catena::Error::msg("not text"))
        }))
    }
}

async fn drain<T>(stream: impl Stream<Item = catena::Result<T>>) -> usize {
    let mut stream = pin!(stream);
    let mut count = 0;
    while let Some(chunk) = stream.next().await {
        chunk.unwrap();
        count += 1;
    }
    count
}

/// What the stream of a chain over a source of ten and of a thousand chunks allocates, which has to be the same.
fn stream_cost<R: Runnable<u64>>(what: &str, make: impl Fn(Many) -> R) -> u64 {
    let costs = [10, 1000].map(|chunks| {
        let chain = make(Many(chunks));
        let (seen, info) = cost(async { drain(chain.stream(1)).await });
        assert!(seen >= chunks);
        info.count_total
    });
    assert_eq!(costs[0], costs[1], "{what} allocates per chunk");
    println!("{what}: {} allocations", costs[0]);
    costs[0]
}

#[test]
fn a_stream_allocates_once_per_step_and_never_per_chunk() {
    assert_eq!(stream_cost("one step", |many| many), 1);
    let two = stream_cost("a chain of two", |many| chain!(u64 => many | Through));
    let three = stream_cost("a chain of three", |many| chain!(u64 => many | Through | Through));
    let ten = stream_cost(
        "a chain of ten",
        |many| chain!(u64 => many | Through | Through | Through | Through | Through | Through | Through | Through | Through),
    );
    assert_eq!((two, three, ten), (2, 3, 10));
}

#[test]
fn wrappers_of_streams_allocate_nothing_per_chunk() {
    assert_eq!(stream_cost("a name", |many| many.named("n")), 1);
    assert_eq!(stream_cost("a chain in a chain", |many| chain!(u64 => chain!(u64 => many | Through) | Through)), 4);
    assert_eq!(stream_cost("a map of one", |many| chain!(u64 => <a: many>)), 2);
    assert_eq!(stream_cost("a map of three", |many| chain!(u64 => <a: many, b?: Many(0), c: Many(5)>)), 5);
    assert_eq!(stream_cost("an arm", |many| chain!(u64 => match { 7 => Many(1), _ => many })), 3);
    assert_eq!(stream_cost("a retry", |many| many.retry(3)), 2);
    assert_eq!(stream_cost("a fallback", |many| many.fallback(Many(1))), 2);
    assert_eq!(stream_cost("a race", |many| many.race(Many(1))), 4);
    assert_eq!(stream_cost("settings of its own", |many| many.with_config(catena::Config::new())), 3);
    assert_eq!(stream_cost("a box", Many::boxed_stream::<u64>), 3);
}

#[runnable]
fn same(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
    text
}

#[test]
fn generators_hand_on_their_streams_without_boxes_but_for_every_fourth() {
    let one = stream_cost("a source", |many| chain!(u64 => many));
    assert_eq!(stream_cost("three generators", |many| chain!(u64 => many | same | same | same)), one + 1);
    let nine = |many| chain!(u64 => many | same | same | same | same | same | same | same | same | same);
    assert_eq!(stream_cost("nine generators", nine), one + 3);
}

#[test]
fn generators_picks_and_taps_allocate_nothing_per_chunk() {
    let one = stream_cost("a source", |many| chain!(u64 => many));
    assert_eq!(stream_cost("a generator", |many| chain!(u64 => many | same)), one + 1);
    let map = stream_cost("a map", |many| chain!(u64 => <a: many, b: Many(2)>));
    assert_eq!(stream_cost("a pick", |many| chain!(u64 => <a: many, b: Many(2)> | .a)), map + 1);
    assert_eq!(stream_cost("a sub-record", |many| chain!(u64 => <a: many, b: Many(2)> | .{b, a})), map + 1);
    assert_eq!(stream_cost("a tap", |many| chain!(u64 => many.tap(|_: &String| ()))), one + 1);
    // The shared source and the merged stream; for each branch its end of the source, and its step.
    let tee = stream_cost("a map over a stream", |many| chain!(u64 => many | <a: _, b: _>));
    assert_eq!(tee, one + 2 + 2 * 2);
    let tee = stream_cost("a map of three over a stream", |many| chain!(u64 => many | <a: _, b: _, c: _>));
    assert_eq!(tee, one + 2 + 3 * 2);
}

/// Counts events, and wants no values.
#[derive(Default)]
struct Counts(std::sync::atomic::AtomicU64);

impl catena::Observer for Counts {
    fn event(&self, _event: &catena::Event) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    fn reads(&self) -> bool {
        false
    }
}

/// How many events a run tells of, and what it allocates.
fn observed_cost<F: Future>(run: impl Fn(catena::Config) -> F) -> (u64, u64) {
    let counts = std::sync::Arc::new(Counts::default());
    let config = || catena::Config::new().observe(std::sync::Arc::clone(&counts));
    // The first run of a chain learns its types.
    cost(run(config()));
    let before = counts.0.load(std::sync::atomic::Ordering::Relaxed);
    let config = config();
    let (_, info) = cost(run(config));
    (counts.0.load(std::sync::atomic::Ordering::Relaxed) - before, info.count_total)
}

/// What each further event of a longer run allocates.
fn assert_cheap(what: &str, short: (u64, u64), long: (u64, u64)) {
    let (events, allocations) = (long.0 - short.0, long.1 - short.1);
    println!("{what}: {allocations} allocations for {events} events");
    assert!(events > 0, "{what}: there are no more events");
    assert!(allocations <= 2 * events, "{what}: {allocations} allocations for {events} events");
}

#[test]
fn an_observed_step_allocates_once_if_its_events_are_not_kept() {
    // The room that its call runs in: two events. What a run is and what is inside it are in the room of the step before.
    let two = chain!(u64 => inc | inc);
    let ten = chain!(u64 => inc | inc | inc | inc | inc | inc | inc | inc | inc | inc);
    let short = observed_cost(|config| two.invoke_with(1, config));
    let long = observed_cost(|config| ten.invoke_with(1, config));
    assert_eq!(long.0 - short.0, 8 * 2);
    assert_eq!(long.1 - short.1, 8);
}

#[test]
fn an_idle_observer_of_three_steps_costs_twelve_allocations_at_most() {
    let chain = chain!(u64 => inc | inc | inc);
    // The configuration and the observer are counted, too.
    let run = || async { chain.invoke_with(1, catena::Config::new().observe(Counts::default())).await };
    // The first run of a chain learns its types.
    cost(run()).0.unwrap();
    let (output, info) = cost(run());
    assert_eq!(output.unwrap(), 4);
    println!("three steps with an idle observer: {} allocations", info.count_total);
    assert!(info.count_total <= 12, "{} allocations", info.count_total);
}

#[test]
fn runs_that_an_observer_keeps_stay_as_they_were() {
    use std::sync::{Arc, Mutex};

    #[derive(Default)]
    struct Keeps(Mutex<Vec<catena::Event>>);

    impl catena::Observer for Keeps {
        fn event(&self, event: &catena::Event) {
            self.0.lock().unwrap().push(event.clone());
        }
    }

    let keeps = Arc::new(Keeps::default());
    let chain = chain!(u64 => inc | inc.named("second") | inc);
    cost(chain.invoke_with(1, catena::Config::new().observe(Arc::clone(&keeps)))).0.unwrap();
    let kept = keeps.0.lock().unwrap();
    let names: Vec<_> = kept.iter().map(|event| event.name().to_owned()).collect();
    assert_eq!(names, ["sequence", "inc", "inc", "second", "second", "inc", "inc", "sequence"]);
    let ids: std::collections::HashSet<_> = kept.iter().map(|event| event.run.id()).collect();
    assert_eq!(ids.len(), 4, "each run has an identity of its own");
}

#[test]
fn a_run_beside_one_that_is_observed_allocates_nothing() {
    let counts = std::sync::Arc::new(Counts::default());
    let chain = chain!(u64 => inc | inc);
    let mut other = Box::pin(chain.invoke_with(1, catena::Config::new().observe(counts.clone())));
    assert!((&mut other).now_or_never().is_none());
    assert_eq!(assert_free("a run that nobody observes", &chain, 1), 3);
    let told = || counts.0.load(std::sync::atomic::Ordering::Relaxed);
    let before = told();
    assert!(other.now_or_never().is_none() && told() > before, "the other run goes on, and is told of");
}

#[test]
fn an_event_costs_two_allocations_at_most() {
    let steps = (chain!(u64 => inc | inc), chain!(u64 => inc | inc | inc | inc | inc | inc | inc | inc | inc | inc));
    assert_cheap(
        "steps",
        observed_cost(|config| steps.0.invoke_with(1, config)),
        observed_cost(|config| steps.1.invoke_with(1, config)),
    );
    // Named, for the name that a map would make of those of its fields is part of what is told.
    let branches = (
        chain!(u64 => <a: inc, b: inc>).named("map"),
        chain!(u64 => <a: inc, b: inc, c: inc, d: inc, e: inc, f: inc>).named("map"),
    );
    assert_cheap(
        "branches",
        observed_cost(|config| branches.0.invoke_with(1, config)),
        observed_cost(|config| branches.1.invoke_with(1, config)),
    );
    let chunks = [10, 1000].map(|chunks| chain!(u64 => Many(chunks) | Through));
    let [short, long] = chunks.each_ref().map(|chain| observed_cost(|config| drain(chain.stream_with(1, config))));
    assert_cheap("chunks", short, long);
}

#[test]
fn a_million_inputs_need_no_memory() {
    let held = |inputs: u64| {
        let chain = chain!(u64 => |n| n + 1);
        let mut count = 0;
        let info = measure(|| {
            let results = chain.batch_as_completed(0..inputs).for_each(|_| {
                count += 1;
                std::future::ready(())
            });
            assert!(results.now_or_never().is_some());
        });
        assert_eq!(count, inputs);
        info.bytes_max
    };
    let (few, many) = (held(1000), held(1_000_000));
    assert!(many <= few + 1024, "{few} bytes for a thousand, {many} for a million");
}

#[test]
fn an_item_is_one_allocation_and_none_in_a_place_that_was_used_before() {
    let allocations = |inputs: u64, limit: usize| {
        let chain = chain!(u64 => |n| n + 1);
        let info = measure(|| {
            let batch = chain.try_batch(0..inputs);
            let batch = if limit == 0 { batch } else { batch.max_concurrency(limit) };
            assert_eq!(batch.into_future().now_or_never().unwrap().unwrap().len() as u64, inputs);
        });
        info.count_total
    };
    let more = |limit| allocations(3000, limit) - allocations(1000, limit);
    // All at once: a place for each; and a few for the results, which are stored in one piece.
    assert!((2000..2010).contains(&more(0)), "{} allocations for 2000 items without a limit", more(0));
    for limit in [1, 10, 100] {
        assert!(more(limit) < 10, "{} allocations for 2000 more items under a limit of {limit}", more(limit));
    }
}
