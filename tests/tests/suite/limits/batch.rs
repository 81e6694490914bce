//! Many inputs: all results, all outputs or the first error, results as they come.

use catena::{Config, Error, ErrorKind, STREAMED_CONCURRENCY, prelude::*};
use catena_tests::{Log, Scripted, ms, secs};
use futures_util::{StreamExt, stream};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio::time::{Instant, sleep};

/// Waits as many seconds as it is told, and fails where that is 13.
#[runnable]
async fn wait(seconds: u64) -> catena::Result<u64> {
    sleep(secs(seconds)).await;
    if seconds == 13 { Err(Error::msg("unlucky")) } else { Ok(seconds) }
}

/// The same, under observation.
#[derive(Clone, Default)]
struct Watched(Log);

#[runnable]
impl Runnable<u64> for Watched {
    type Output = u64;
    async fn call(&self, seconds: u64, cx: &Context) -> catena::Result<u64> {
        let call = self.0.begin();
        let outcome = wait.call(seconds, cx).await;
        call.finish();
        outcome
    }
}

#[runnable]
fn tags(_input: &u64, cx: &Context) -> String {
    cx.tags().join(" ")
}

fn shown<T: ToString>(results: Vec<catena::Result<T>>) -> Vec<String> {
    results.into_iter().map(|result| result.map_or_else(|e| e.to_string(), |output| output.to_string())).collect()
}

#[tokio::test(start_paused = true)]
async fn results_are_in_the_order_of_the_inputs_and_failed_ones_in_place() {
    let start = Instant::now();
    let results = wait.batch([3, 13, 1]).await;
    assert_eq!(shown(results), ["3", "wait[1]: unlucky", "1"]);
    assert_eq!(start.elapsed(), secs(13), "all at once");
}

#[tokio::test(start_paused = true)]
async fn any_inputs_do() -> catena::Result<()> {
    assert_eq!(wait.try_batch(1..=3).await?, [1, 2, 3]);
    assert_eq!(wait.try_batch((1..=6).filter(|n| n % 2 == 0)).await?, [2, 4, 6]);
    assert_eq!(wait.try_batch(BTreeMap::from([(2, 'a'), (1, 'b')]).into_keys()).await?, [1, 2]);
    assert_eq!(wait.try_batch([]).await?, [0; 0]);
    assert!(wait.batch(vec![]).await.is_empty());
    assert_eq!(wait.batch_as_completed(None).count().await, 0);
    // Borrowed ones, too.
    let (text, length) = ("to be or not".to_owned(), chain!(&str => |word| word.len()));
    assert_eq!(length.try_batch(text.split(' ')).await?, [2, 2, 2, 3]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_batch_can_be_spawned() {
    let results = tokio::spawn(async { wait.batch(vec![1, 2]).max_concurrency(1).await }).await.unwrap();
    assert_eq!(shown(results), ["1", "2"]);
    let count = tokio::spawn(async { wait.batch_as_completed(vec![1, 2]).count().await }).await.unwrap();
    assert_eq!(count, 2);
}

#[tokio::test(start_paused = true)]
async fn the_first_error_in_time_stops_the_rest() {
    let (chain, start) = (Watched::default(), Instant::now());
    let error = chain.try_batch([1, 20, 13, 40]).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), start.elapsed()), ("Watched[2].wait: unlucky", secs(13)));
    assert_eq!((chain.0.calls(), chain.0.stopped(), chain.0.running()), (4, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn after_the_first_error_nothing_begins() {
    let chain = Watched::default();
    chain.try_batch([1, 13, 1, 1, 1]).max_concurrency(1).await.unwrap_err();
    assert_eq!(chain.0.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_path_leads_through_the_item_to_the_step() {
    let compare = chain!(u64 => <it: wait, other?: wait> | |r| r.it).named("compare");
    let results = compare.batch([1, 13]).await;
    assert_eq!(results[1].as_ref().unwrap_err().path(), "compare[1].<it>.wait");
    let error = compare.try_batch([13]).config(Config::new().run_name("nightly")).await.unwrap_err();
    assert_eq!(error.path(), "nightly[0].<it>.wait");
}

#[tokio::test(start_paused = true)]
async fn results_come_as_they_are_completed() {
    let start = Instant::now();
    let results: Vec<_> =
        wait.batch_as_completed([14, 13, 2]).map(|(at, result)| (at, result.ok(), start.elapsed())).collect().await;
    assert_eq!(results, [(2, Some(2), secs(2)), (1, None, secs(13)), (0, Some(14), secs(14))]);
    // As recorded of LangChain: one at a time they come in the order of the inputs.
    let results: Vec<_> = wait.batch_as_completed([14, 13, 2]).max_concurrency(1).map(|(at, _)| at).collect().await;
    assert_eq!(results, [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_becomes_free_is_taken_at_once() {
    let (chain, start) = (Watched::default(), Instant::now());
    let results = chain.batch([4, 1, 1, 1, 1]).max_concurrency(2).await;
    assert_eq!((results.len(), start.elapsed(), chain.0.peak()), (5, secs(4), 2));
}

#[tokio::test(start_paused = true)]
async fn dropping_a_batch_stops_everything() {
    for limit in [3, 100] {
        let chain = Watched::default();
        assert!(tokio::time::timeout(secs(1), chain.batch([5; 10]).max_concurrency(limit)).await.is_err());
        assert_eq!((chain.0.calls(), chain.0.stopped(), chain.0.running()), (limit.min(10), limit.min(10), 0));
    }
    let chain = Watched::default();
    let mut results = chain.batch_as_completed([1, 5, 5]);
    assert_eq!(results.next().await.unwrap().0, 0);
    drop(results);
    assert_eq!((chain.0.calls(), chain.0.stopped(), chain.0.running()), (3, 2, 0));
    drop(chain.batch([1]));
    drop(chain.batch_as_completed([1]));
    assert_eq!(chain.0.calls(), 3, "a batch that nobody awaits does nothing");
}

#[tokio::test(start_paused = true)]
async fn spawned_items_end_with_the_batch() {
    let watched = Watched::default();
    let chain = watched.clone().spawned();
    chain.try_batch([13, 20, 20]).await.unwrap_err();
    tokio::task::yield_now().await;
    assert_eq!((watched.0.calls(), watched.0.stopped(), watched.0.running()), (3, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_zero_is_bad_input() {
    let chain = Watched::default();
    let error = chain.try_batch([1, 2]).max_concurrency(0).await.unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (&ErrorKind::BadInput, "Watched"));
    let results = chain.batch([1, 2]).config(Config::new().max_concurrency(0)).await;
    let errors: Vec<_> = results.iter().map(|result| result.as_ref().unwrap_err()).collect();
    assert!(errors.iter().all(|error| error.kind() == &ErrorKind::BadInput));
    assert_eq!(errors[1].path(), "Watched[1]");
    let results: Vec<_> = chain.batch_as_completed([1, 2]).max_concurrency(0).collect().await;
    let kinds: Vec<_> = results.iter().map(|(at, result)| (*at, result.as_ref().unwrap_err().kind())).collect();
    assert_eq!(kinds, [(0, &ErrorKind::BadInput), (1, &ErrorKind::BadInput)]);
    assert_eq!(chain.0.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn each_item_may_have_settings_of_its_own() {
    let results = tags
        .try_batch([7, 8])
        .config(Config::new().tag("all"))
        .config_each(|index, input| Config::new().tag(format!("{index}={input}")))
        .await;
    assert_eq!(results.unwrap(), ["all 0=7", "all 1=8"]);
    let results = wait.batch([1, 5, 1]).config_each(|index, seconds| match index {
        2 => Config::new().max_concurrency(0),
        _ => Config::new().deadline(secs(2)).run_name(format!("{seconds}s")),
    });
    assert_eq!(
        shown(results.await),
        [
            "1",
            "wait[1].5s: the run's deadline of 2s has passed",
            "wait[2]: with a concurrency of 0 nothing could ever run"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_method_for_the_limit_goes_before_the_setting() {
    let chain = Watched::default();
    chain.batch([1; 6]).max_concurrency(2).config(Config::new().max_concurrency(5)).await;
    assert_eq!(chain.0.peak(), 2);
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_of_every_item() {
    let mut seen = Vec::new();
    wait.batch([1, 13, 4]).on_progress(|p| seen.push((p.done, p.failed, p.total, p.elapsed(), p.time_left()))).await;
    assert_eq!(
        seen,
        [
            (0, 0, Some(3), secs(0), None),
            (1, 0, Some(3), secs(1), Some(secs(2))),
            (2, 0, Some(3), secs(4), Some(secs(2))),
            (3, 1, Some(3), secs(13), Some(secs(0))),
        ]
    );
    let (mut totals, mut rates) = (Vec::new(), Vec::new());
    let inputs = (1..=3).filter(|n| n % 2 == 1);
    wait.batch(inputs).on_progress(|p| totals.push(p.total)).on_progress(|p| rates.push(p.per_second())).await;
    assert_eq!(totals, [None; 3], "an iterator may not know its length");
    assert!((rates[1] - 1.0).abs() < 1e-9 && (rates[2] - 2.0 / 3.0).abs() < 1e-9, "{rates:?}");
}

#[tokio::test(start_paused = true)]
async fn a_bar_shows_the_progress() {
    let bar = indicatif::ProgressBar::hidden();
    let results = wait.batch([1, 13, 4]).progress_bar_with(bar.clone()).await;
    assert_eq!((results.len(), bar.position(), bar.length(), bar.message().as_str()), (3, 3, Some(3), "1 failed"));
    // Not at a terminal, nothing is shown; nor does anything get lost.
    assert_eq!(wait.batch([1, 13, 4]).progress_bar().await.len(), 3);
    assert_eq!(wait.batch_as_completed([1, 13, 4]).progress_bar().count().await, 3);
}

/// Counts what is alive of it.
struct Counted(Arc<AtomicUsize>, usize);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[runnable]
async fn take(input: Counted) -> usize {
    tokio::task::yield_now().await;
    input.1
}

#[tokio::test]
async fn a_million_inputs_are_taken_as_there_is_room_for_them() {
    let (alive, taken) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let make = |n| {
        taken.fetch_add(1, SeqCst);
        assert!(alive.fetch_add(1, SeqCst) < 10);
        Counted(Arc::clone(&alive), n)
    };
    let mut results = take.batch_as_completed((0..1_000_000).map(make)).max_concurrency(10);
    let mut done = 0;
    while let Some((index, result)) = results.next().await {
        assert_eq!(result.unwrap(), index);
        done += 1;
        assert!(taken.load(SeqCst) <= done + 10, "{} were taken when {done} were done", taken.load(SeqCst));
    }
    assert_eq!((done, alive.load(SeqCst)), (1_000_000, 0));
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_a_batch_that_is_a_stream_has_one() {
    let chain = Watched::default();
    assert_eq!(chain.batch_as_completed([1; 500]).count().await, 500);
    assert_eq!(chain.0.peak(), STREAMED_CONCURRENCY);
    let chain = Watched::default();
    assert_eq!(chain.batch_as_completed([1; 500]).max_concurrency(200).count().await, 500);
    assert_eq!(chain.0.peak(), 200, "and any other on demand");
    let chain = Watched::default();
    chain.batch([1; 500]).await;
    assert_eq!(chain.0.peak(), 500, "one that is collected runs all at once");
}

#[tokio::test(start_paused = true)]
async fn inputs_may_come_over_time() {
    let start = Instant::now();
    let inputs = stream::iter([2, 3, 1]).then(|seconds| async move {
        sleep(secs(1)).await;
        seconds
    });
    let results: Vec<_> = wait.batch_stream(inputs).map(|(at, _)| (at, start.elapsed())).collect().await;
    assert_eq!(results, [(0, secs(3)), (2, secs(4)), (1, secs(5))]);
    // What is under way goes on while there is no input, and the end of the inputs is not the end of the items.
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let inputs = stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
    let mut results = wait.batch_stream(inputs).max_concurrency(2);
    sender.send(1).await.unwrap();
    assert_eq!(results.next().await.unwrap().0, 0);
    sender.send(4).await.unwrap();
    drop(sender);
    assert_eq!(results.next().await.unwrap().1.unwrap(), 4);
    assert!(results.next().await.is_none());
}

/// Fails on the first attempts at an item, as many as the plan says; then says the item and the attempt.
struct Planned {
    failures: BTreeMap<&'static str, usize>,
    calls: Mutex<BTreeMap<&'static str, usize>>,
}

#[runnable]
impl Runnable<&'static str> for &Planned {
    type Output = String;
    async fn call(&self, item: &'static str, _cx: &Context) -> catena::Result<String> {
        let mut calls = self.calls.lock().unwrap();
        let attempt = calls.entry(item).or_default();
        *attempt += 1;
        if *attempt <= self.failures.get(item).copied().unwrap_or(0) {
            return Err(Error::msg(format!("{item}#{attempt}")));
        }
        Ok(format!("{item}:ok@{attempt}"))
    }
}

async fn retried(
    failures: &[(&'static str, usize)],
    items: &[&'static str],
    attempts: u32,
) -> (Vec<String>, Vec<usize>) {
    let plan = Planned { failures: failures.iter().copied().collect(), calls: Mutex::default() };
    let results = (&plan).retry(Retry::attempts(attempts).base(ms(1))).batch(items.iter().copied()).await;
    let results = results.into_iter().map(|r| r.unwrap_or_else(|error| error.message().to_owned())).collect();
    let calls = plan.calls.lock().unwrap();
    (results, items.iter().map(|item| calls[item]).collect())
}

/// The cases of the recording `g18_batch_return_exceptions_retry`; where that has a bug, what it should be.
#[tokio::test(start_paused = true)]
async fn only_failed_elements_are_tried_again() {
    let items = ["a", "b", "c", "d"];
    let cases: [(&[_], &[_], _, &[_], &[_]); 6] = [
        (&[("b", 1), ("d", 2)], &items, 3, &["a:ok@1", "b:ok@2", "c:ok@1", "d:ok@3"], &[1, 2, 1, 3]),
        (&[("b", 9)], &items, 2, &["a:ok@1", "b#2", "c:ok@1", "d:ok@1"], &[1, 2, 1, 1]),
        (&[("a", 1), ("b", 9)], &["a", "b"], 2, &["a:ok@2", "b#2"], &[2, 2]),
        (&[("b", 1), ("a", 9)], &["a", "b"], 2, &["a#2", "b:ok@2"], &[2, 2]),
        (&[("a", 9), ("c", 9)], &items, 2, &["a#2", "b:ok@1", "c#2", "d:ok@1"], &[2, 1, 2, 1]),
        (&[("a", 1)], &["a", "b"], 1, &["a#1", "b:ok@1"], &[1, 1]),
    ];
    for (failures, items, attempts, results, calls) in cases {
        let (seen, made) = retried(failures, items, attempts).await;
        assert_eq!((seen, made), (results.iter().map(ToString::to_string).collect(), calls.to_vec()));
    }
}

/// 1 fails and may be tried again, 2 fails and may not.
#[tokio::test(start_paused = true)]
async fn whether_to_try_again_is_decided_per_element() {
    for (items, calls) in [([1, 2, 0], [2, 1, 1]), ([2, 1, 0], [1, 2, 1]), ([0, 2, 2], [1, 1, 1])] {
        let made = Mutex::new(vec![0; 3]);
        let chain = chain!((usize, u32) => |(at, item)| {
            made.lock().unwrap()[at] += 1;
            match item {
                1 => Err(Error::msg("x is 1"))?,
                2 => Err(Error::new(ErrorKind::BadInput, "x is 2"))?,
                n => n,
            }
        });
        let results = chain.retry(Retry::attempts(2).base(ms(1))).batch(items.into_iter().enumerate()).await;
        for (item, result) in items.into_iter().zip(results) {
            assert_eq!(result.is_ok(), item == 0);
        }
        assert_eq!(*made.lock().unwrap(), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_for_the_whole_batch() {
    let chain = Watched::default();
    let results = chain.batch([1, 4, 2, 1]).max_concurrency(2).config(Config::new().deadline(ms(3500))).await;
    let passed = "Watched[1]: the run's deadline of 3.5s has passed";
    assert_eq!(shown(results), ["1", passed, "2", "Watched[3]: the run's deadline of 3.5s has passed"]);
    let error = chain.try_batch([1, 4]).config(Config::new().deadline(secs(2))).await.unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (&ErrorKind::Deadline, "Watched"));
    assert_eq!(chain.0.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_in_the_past_lets_nothing_begin() {
    let (chain, config) = (Watched::default(), || Config::new().deadline(secs(0)));
    let results = chain.batch([1, 2]).config(config()).await;
    assert!(results.iter().all(|result| result.as_ref().unwrap_err().kind() == &ErrorKind::Deadline));
    assert_eq!(chain.try_batch([1]).config(config()).await.unwrap_err().kind(), &ErrorKind::Deadline);
    let results: Vec<_> = chain.batch_as_completed([1, 2, 3]).config(config()).collect().await;
    assert_eq!(results.len(), 1);
    assert_eq!(chain.0.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_batch_inside_a_step_is_part_of_its_run() -> catena::Result<()> {
    let inner = chain!(u64 => tags);
    let outer = |input: u64, cx: Context| {
        let inner = &inner;
        async move { inner.try_batch([input, input]).within(&cx).config(Config::new().tag("inner")).await }
    };
    let cx = Context::new().configured(&Config::new().tag("outer"));
    assert_eq!(outer(1, cx).await?, ["outer inner", "outer inner"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_same_chain_serves_many_batches() {
    let step = Scripted::says(["done"]).after(secs(1));
    let log = step.log();
    let start = Instant::now();
    let (a, b) =
        futures_util::join!(step.batch(["x"; 3]).into_future(), step.batch(["y"; 3]).max_concurrency(3).into_future());
    assert_eq!((a.len() + b.len(), log.peak(), start.elapsed()), (6, 6, secs(1)));
}
