//! Runs that are stopped from outside, and what is left running: nothing.

use catena::{CancellationToken, Chunks, Config, Error, ErrorKind, generator, prelude::*};
use catena_tests::{Log, Scripted, ms, secs};
use futures_util::StreamExt;
use std::{
    future::IntoFuture,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep};

fn slow(after: Duration) -> Scripted {
    Scripted::says(["done"]).after(after)
}

/// Waits as many seconds as it is told, under observation.
#[derive(Clone, Default)]
struct Wait(Log);

#[runnable]
impl Runnable<u64> for Wait {
    type Output = u64;
    async fn call(&self, seconds: u64, _cx: &Context) -> catena::Result<u64> {
        let call = self.0.begin();
        sleep(secs(seconds)).await;
        call.finish();
        Ok(seconds)
    }
}

/// A configuration with a token that is cancelled after so long.
fn after(delay: Duration) -> Config {
    let token = CancellationToken::new();
    let config = Config::new().cancel(token.clone());
    tokio::spawn(async move {
        sleep(delay).await;
        token.cancel();
    });
    config
}

/// A configuration with a token that is cancelled already.
fn already() -> Config {
    let token = CancellationToken::new();
    token.cancel();
    Config::new().cancel(token)
}

fn kind<T: std::fmt::Debug>(outcome: &catena::Result<T>) -> &ErrorKind {
    outcome.as_ref().unwrap_err().kind()
}

/// Let stopped tasks come to their end.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_ends_at_once_and_says_so() {
    let (first, second) = (slow(secs(2)), slow(secs(10)));
    let log = second.log();
    let chain = chain!(String => first | second).named("compare");
    let start = Instant::now();
    let error = chain.invoke_with(String::new(), after(secs(5))).await.unwrap_err();
    assert_eq!(start.elapsed(), secs(5));
    assert_eq!((error.kind(), error.to_string().as_str()), (&ErrorKind::Cancelled, "compare: the run was cancelled"));
    assert!(!error.is_retryable());
    assert_eq!((log.calls(), log.stopped(), log.running()), (1, 1, 0));
    let error = chain.invoke_with(String::new(), after(secs(5)).run_name("nightly")).await.unwrap_err();
    assert_eq!(error.path(), "nightly");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_cancelled_already_lets_nothing_begin() {
    let step = slow(secs(1));
    let log = step.log();
    assert_eq!(kind(&step.invoke_with((), already()).await), &ErrorKind::Cancelled);
    let part = step.clone().with_config(already());
    assert_eq!(kind(&part.invoke(()).await), &ErrorKind::Cancelled);
    assert_eq!(kind(&part.stream(()).next().await.unwrap()), &ErrorKind::Cancelled);
    assert!(step.batch([1, 2]).config(already()).await.iter().all(|result| kind(result) == &ErrorKind::Cancelled));
    assert_eq!(kind(&step.try_batch([1, 2]).config(already()).await), &ErrorKind::Cancelled);
    let results: Vec<_> = step.batch_as_completed(0..).config(already()).collect().await;
    assert!(matches!(&results[..], [(0, result)] if kind(result) == &ErrorKind::Cancelled));
    assert_eq!(log.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_over_does_not_mind() -> catena::Result<()> {
    let token = CancellationToken::new();
    let config = Config::new().cancel(token.clone());
    assert_eq!(slow(secs(1)).invoke_with((), config.clone()).await?, "done");
    let results = Wait::default().batch([1, 2]).config(config).await;
    token.cancel();
    assert!(results.iter().all(Result::is_ok));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_part_of_a_chain_can_be_cancelled_by_itself() -> catena::Result<()> {
    let (part, other) = (slow(secs(10)).with_config(after(secs(2))), slow(secs(3)));
    let out = chain!(String => <part?: part, other: other>).invoke(String::new()).await?;
    assert_eq!(out.other, "done");
    let error = out.part.unwrap_err();
    assert_eq!(error.to_string(), "<part>.scripted: the run was cancelled");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn no_retry_and_no_settled_field_outlives_a_cancelled_run() {
    let step = Scripted::fails(Error::msg("no")).after(secs(1));
    let log = step.log();
    let again = Retry::attempts(100).base(secs(1)).factor(1.0).jitter(false);
    let chain = chain!(String => <a?: step.retry(again), b?: slow(secs(1000))>);
    let outcome = chain.invoke_with(String::new(), after(ms(3500))).await;
    assert_eq!(outcome.err().unwrap().kind(), &ErrorKind::Cancelled);
    assert_eq!((log.calls(), log.running()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn neither_retry_nor_fallback_goes_on_after_a_cancel() {
    let (source, backup) = (slow(secs(60)), Scripted::says(["b"]));
    let chain = source.clone().retry(5).fallback(backup.clone());
    assert_eq!(kind(&chain.invoke_with((), after(ms(10))).await), &ErrorKind::Cancelled);
    assert_eq!((source.log().calls(), backup.log().calls()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_cancelled() {
    let step = Scripted::says(["a", "b", "c"]).every(secs(2));
    let log = step.log();
    let chain = chain!(String => step).named("story").with_config(after(secs(3)));
    let mut chunks = chain.stream(String::new());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    assert_eq!(chunks.next().await.unwrap().unwrap(), "b");
    let error = chunks.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (&ErrorKind::Cancelled, "story"));
    assert!(chunks.next().await.is_none());
    assert_eq!((log.stopped(), log.running()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_always_ready_is_cancelled_too() {
    let token = CancellationToken::new();
    let chain = Scripted::says(["a", "b", "c", "d"]).with_config(Config::new().cancel(token.clone()));
    let mut chunks = chain.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    token.cancel();
    assert_eq!(kind(&chunks.next().await.unwrap()), &ErrorKind::Cancelled);
    assert!(chunks.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_events_ends_with_the_cancellation() {
    let source = Scripted::says(["a", "b"]).every(secs(60));
    let events = source.events("q".to_owned()).with(after(secs(1)));
    let mut outcomes: Vec<_> = events.collect().await;
    assert_eq!(kind(&outcomes.pop().unwrap()), &ErrorKind::Cancelled);
    assert_eq!(source.log().running(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_takes_pieces_is_cancelled_by_itself() {
    // What comes before it goes on giving pieces: its own token has to end it.
    let source = Scripted::says(["a", "b", "c"]).every(secs(2));
    let shout = generator(|text: Chunks<'_, String>| Chunks::new(text.map(|piece| Ok(piece?.to_uppercase()))));
    let chain = chain!(String => source | shout.with_config(after(secs(3))));
    let mut chunks = chain.stream(String::new());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "A");
    assert_eq!(chunks.next().await.unwrap().unwrap(), "B");
    assert_eq!(kind(&chunks.next().await.unwrap()), &ErrorKind::Cancelled);
    assert!(chunks.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_batch_keeps_what_had_finished() {
    let chain = Wait::default();
    let results = chain.batch([1, 9, 2, 9, 1]).max_concurrency(2).config(after(ms(3500))).await;
    let shown: Vec<_> =
        results.into_iter().map(|r| r.map_or_else(|error| error.to_string(), |output| output.to_string())).collect();
    let said = |index| format!("Wait[{index}]: the run was cancelled");
    assert_eq!(shown, ["1".to_owned(), said(1), "2".to_owned(), said(3), said(4)]);
    assert_eq!((chain.0.calls(), chain.0.stopped(), chain.0.running()), (4, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn progress_counts_the_cancelled_as_failed() {
    let mut last = None;
    let tell = |p: catena::Progress| last = Some((p.done, p.failed));
    Wait::default().batch([1, 9, 9]).config(after(secs(2))).on_progress(tell).await;
    assert_eq!(last, Some((3, 2)));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_batch_that_is_a_stream_says_what_was_under_way_and_ends() {
    let (chain, taken) = (Wait::default(), AtomicUsize::new(0));
    let inputs = (0..).map(|n| {
        taken.fetch_add(1, SeqCst);
        if n == 0 { 1 } else { 9 }
    });
    let mut results = chain.batch_as_completed(inputs).max_concurrency(3).config(after(secs(5)));
    let mut seen = Vec::new();
    while let Some((index, result)) = results.next().await {
        seen.push((index, result.map_err(|error| (error.kind().name(), error.path()))));
    }
    let cancelled = |index| (index, Err(("cancelled", format!("Wait[{index}]"))));
    assert_eq!(seen, [(0, Ok(1)), cancelled(1), cancelled(2), cancelled(3)]);
    assert_eq!((taken.load(SeqCst), chain.0.stopped(), chain.0.running()), (4, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_batch_does_not_wait_for_inputs() {
    let start = Instant::now();
    let results = Wait::default();
    let batch = results.batch_stream(futures_util::stream::pending()).config(after(secs(2)));
    assert_eq!(batch.count().await, 0);
    assert_eq!(start.elapsed(), secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_try_batch_is_one_error() {
    let chain = Wait::default();
    let error = chain.try_batch([1, 9]).config(after(secs(2)).run_name("nightly")).await.unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (&ErrorKind::Cancelled, "nightly"));
    assert_eq!((chain.0.stopped(), chain.0.running()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn one_item_can_be_cancelled_by_itself() {
    let tokens = [CancellationToken::new(), CancellationToken::new()];
    let chain = Wait::default();
    let batch = chain.batch([5, 5]).config_each(|index, _| Config::new().cancel(tokens[index].clone()));
    let (results, ()) = futures_util::join!(batch.into_future(), async {
        sleep(secs(1)).await;
        tokens[1].cancel();
    });
    assert!(results[0].is_ok());
    assert_eq!(results[1].as_ref().unwrap_err().to_string(), "Wait[1]: the run was cancelled");
}

#[tokio::test(start_paused = true)]
async fn spawned_steps_end_with_the_run() {
    let wait = Wait::default();
    let chain = wait.clone().spawned().map();
    let outcome = chain.invoke_with(vec![9; 5], after(secs(1))).await;
    assert_eq!(kind(&outcome), &ErrorKind::Cancelled);
    settle().await;
    assert_eq!((wait.0.calls(), wait.0.stopped(), wait.0.running()), (5, 5, 0));
    // And with the first failure of a map around them.
    let wait = Wait::default();
    let fails = Scripted::fails(Error::msg("no")).after(secs(1));
    let list = wait.clone().spawned().map();
    chain!(Vec<u64> => <list: list, fails: fails>).invoke(vec![9; 5]).await.map(drop).unwrap_err();
    settle().await;
    assert_eq!((wait.0.calls(), wait.0.running()), (5, 0));
    // And with a call that is dropped.
    assert!(tokio::time::timeout(secs(1), chain.invoke(vec![9; 5])).await.is_err());
    settle().await;
    assert_eq!(wait.0.running(), 0);
}

/// Says when it was told of the end of its run, from a task of its own.
struct Tidy(Arc<Mutex<Option<Duration>>>);
#[runnable]
impl Runnable<()> for Tidy {
    type Output = bool;
    async fn call(&self, (): (), cx: &Context) -> catena::Result<bool> {
        let (cx, seen, start) = (cx.clone(), Arc::clone(&self.0), Instant::now());
        assert!(!cx.is_cancelled());
        let told = tokio::spawn(async move {
            cx.cancelled().await;
            assert!(cx.is_cancelled());
            *seen.lock().unwrap() = Some(start.elapsed());
        });
        Ok(tokio::time::timeout(secs(9), told).await.is_ok())
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_can_wait_for_its_run_to_be_cancelled() -> catena::Result<()> {
    let seen = Arc::new(Mutex::new(None));
    // Of all the tokens in force, the first one counts.
    let chain = Tidy(Arc::clone(&seen)).with_config(after(secs(7))).with_config(after(secs(8)));
    assert_eq!(kind(&chain.invoke_with((), after(secs(2))).await), &ErrorKind::Cancelled);
    settle().await;
    assert_eq!(*seen.lock().unwrap(), Some(secs(2)));
    // Where nobody can cancel it, it waits for ever.
    assert!(!Tidy(Arc::clone(&seen)).invoke(()).await?);
    Ok(())
}

/// Work on a thread, which goes on until it looks.
#[runnable(blocking)]
fn spin(started: Arc<AtomicBool>, cx: &Context) {
    started.store(true, SeqCst);
    while !cx.is_cancelled() {
        std::thread::yield_now();
    }
    started.store(false, SeqCst);
}

#[tokio::test]
async fn a_blocking_step_sees_that_it_is_cancelled() {
    let running = Arc::new(AtomicBool::new(false));
    let token = CancellationToken::new();
    let run = spin.invoke_with(Arc::clone(&running), Config::new().cancel(token.clone()));
    let cancel = async {
        while !running.load(SeqCst) {
            tokio::task::yield_now().await;
        }
        token.cancel();
    };
    let (outcome, ()) = futures_util::join!(run, cancel);
    assert_eq!(kind(&outcome), &ErrorKind::Cancelled);
    while running.load(SeqCst) {
        tokio::task::yield_now().await;
    }
}

static BEGUN: AtomicUsize = AtomicUsize::new(0);

/// Work on a thread, which goes on until it is let go.
#[runnable(blocking)]
fn hold(release: Arc<AtomicBool>) {
    BEGUN.fetch_add(1, SeqCst);
    while !release.load(SeqCst) {
        std::thread::yield_now();
    }
}

#[test]
fn a_blocking_step_that_has_not_begun_never_does() {
    // One thread for blocking work, and it is taken.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let (release, token) = (Arc::new(AtomicBool::new(false)), CancellationToken::new());
        let batch = hold.batch(vec![Arc::clone(&release); 3]).config(Config::new().cancel(token.clone()));
        let (results, ()) = futures_util::join!(batch.into_future(), async {
            while BEGUN.load(SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
            token.cancel();
        });
        assert!(results.iter().all(|result| kind(result) == &ErrorKind::Cancelled));
        release.store(true, SeqCst);
        // The thread comes to what stands behind them.
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        assert_eq!(BEGUN.load(SeqCst), 1);
    });
}

#[tokio::test(start_paused = true)]
async fn a_deadline_in_the_past_and_a_cancelled_token_are_told_apart() {
    let step = slow(secs(1));
    let passed = step.invoke_with((), Config::new().deadline(Duration::ZERO)).await;
    assert_eq!(kind(&passed), &ErrorKind::Deadline);
    let sooner = step.clone().invoke_with((), after(ms(500)).deadline(ms(700))).await;
    let later = step.invoke_with((), after(ms(700)).deadline(ms(500))).await;
    assert_eq!((kind(&sooner), kind(&later)), (&ErrorKind::Cancelled, &ErrorKind::Deadline));
}
