//! Trying again: how often, how long between, for which errors, on which part of a stream.

use catena::{Config, Error, ErrorKind, prelude::*};
use catena_tests::{Scripted, ms, secs};
use futures_util::StreamExt;
use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};
use tokio::time::Instant;

fn busy() -> Error {
    Error::msg("busy")
}

fn limited(retry_after: Duration) -> Error {
    Error::new(ErrorKind::RateLimited { retry_after: Some(retry_after) }, "slow down")
}

/// Exact delays: 100 ms, doubling.
fn exact(attempts: u32) -> Retry {
    Retry::attempts(attempts).base(ms(100)).jitter(false)
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_in_all_and_stand_in_the_error() {
    let step = Scripted::fails(busy());
    let log = step.log();
    let error = step.retry(exact(3)).invoke(()).await.unwrap_err();
    assert_eq!(log.calls(), 3);
    assert_eq!(error.attempts(), 3);
    assert_eq!(error.to_string(), "scripted: busy (after 3 attempts)");
}

#[tokio::test(start_paused = true)]
async fn a_success_ends_the_attempts() -> catena::Result<()> {
    let step = Scripted::fails(busy()).then_fails(busy()).then_says(["fine"]);
    let log = step.log();
    assert_eq!(step.retry(exact(10)).invoke(()).await?, "fine");
    assert_eq!(log.calls(), 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn delays_double_and_are_exact_without_jitter() {
    let step = Scripted::fails(busy());
    let log = step.log();
    step.retry(exact(5)).invoke(()).await.unwrap_err();
    assert_eq!(log.times(), [0, 100, 300, 700, 1500].map(ms));
}

#[tokio::test(start_paused = true)]
async fn delays_grow_by_the_factor_up_to_the_longest() {
    let step = Scripted::fails(busy());
    let log = step.log();
    step.retry(exact(5).factor(3.0).max_delay(ms(500))).invoke(()).await.unwrap_err();
    assert_eq!(log.times(), [0, 100, 400, 900, 1400].map(ms));
}

#[tokio::test(start_paused = true)]
async fn a_factor_below_one_counts_as_one() {
    for factor in [0.5, -1.0, f64::NAN] {
        let step = Scripted::fails(busy());
        let log = step.log();
        step.retry(exact(4).factor(factor)).invoke(()).await.unwrap_err();
        assert_eq!(log.times(), [0, 100, 200, 300].map(ms), "factor {factor}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_delay_counts_even_below_the_base() {
    let step = Scripted::fails(busy());
    let log = step.log();
    step.retry(exact(3).max_delay(ms(30))).invoke(()).await.unwrap_err();
    assert_eq!(log.times(), [0, 30, 60].map(ms));
}

#[tokio::test(start_paused = true)]
async fn a_base_of_zero_tries_again_at_once() {
    let step = Scripted::fails(busy());
    let log = step.log();
    step.retry(Retry::attempts(4).base(Duration::ZERO)).invoke(()).await.unwrap_err();
    assert_eq!(log.times(), [Duration::ZERO; 4]);
}

#[tokio::test(start_paused = true)]
async fn zero_attempts_are_one() {
    let step = Scripted::fails(busy());
    let log = step.log();
    let error = step.retry(0).invoke(()).await.unwrap_err();
    assert_eq!((log.calls(), error.attempts()), (1, 1));
    assert_eq!(error.to_string(), "scripted: busy");
}

#[tokio::test(start_paused = true)]
async fn jitter_adds_at_most_the_delay_itself_and_differs() {
    let mut seen = Vec::new();
    for _ in 0..100 {
        let step = Scripted::fails(busy());
        let log = step.log();
        step.retry(exact(3).jitter(true)).invoke(()).await.unwrap_err();
        let times = log.times();
        // Timers tick in milliseconds.
        assert!((ms(100)..=ms(201)).contains(&times[1]), "{times:?}");
        assert!((ms(200)..=ms(401)).contains(&times[2].abs_diff(times[1])), "{times:?}");
        seen.push(times[1]);
    }
    seen.sort();
    seen.dedup();
    assert!(seen.len() > 10, "a hundred random delays gave only {} different ones", seen.len());
}

#[tokio::test(start_paused = true)]
async fn the_sum_of_delays_stays_within_the_total() {
    let step = Scripted::fails(busy());
    let log = step.log();
    let error = step.retry(exact(10).total_delay(ms(350))).invoke(()).await.unwrap_err();
    // 100 + 200 fit; another 400 do not, and are not waited for.
    assert_eq!(log.times(), [0, 100, 300].map(ms));
    assert_eq!(error.attempts(), 3);
    let doing: Vec<_> = error.doing().collect();
    assert_eq!(doing, ["waiting 400ms for another attempt, which the total delay allowed forbids"]);
}

#[tokio::test(start_paused = true)]
async fn a_total_that_is_used_up_exactly_is_within_it() {
    let step = Scripted::fails(busy());
    let log = step.log();
    step.retry(exact(3).total_delay(ms(300))).invoke(()).await.unwrap_err();
    assert_eq!(log.times(), [0, 100, 300].map(ms));
}

#[tokio::test(start_paused = true)]
async fn a_predicate_decides_instead_of_the_kind() {
    let policy = || exact(5).when(|error| error.message() == "busy");
    let step = Scripted::fails(busy()).then_fails(Error::msg("broken"));
    let log = step.log();
    let error = step.retry(policy()).invoke(()).await.unwrap_err();
    assert_eq!((log.calls(), error.message(), error.attempts()), (2, "broken", 2));

    let step = Scripted::fails(Error::new(ErrorKind::BadInput, "busy")).then_says(["fine"]);
    assert_eq!(step.retry(policy()).invoke(()).await.unwrap(), "fine");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_succeed_later_is_not_retried() {
    let kinds = [
        ErrorKind::Deadline,
        ErrorKind::Cancelled,
        ErrorKind::BadInput,
        ErrorKind::Auth,
        ErrorKind::Recursion { limit: 3 },
        ErrorKind::Panic,
    ];
    for kind in kinds {
        let step = Scripted::fails(Error::new(kind.clone(), "no"));
        let log = step.log();
        step.retry(exact(3)).invoke(()).await.unwrap_err();
        assert_eq!(log.calls(), 1, "{kind:?}");
    }
    let step = Scripted::fails(busy().with_retryable(false));
    let log = step.log();
    step.retry(exact(3)).invoke(()).await.unwrap_err();
    assert_eq!(log.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_may_succeed_later_is_retried() {
    let kinds = [
        ErrorKind::Timeout { after: ms(1) },
        ErrorKind::RateLimited { retry_after: None },
        ErrorKind::Unavailable { retry_after: None },
        ErrorKind::Parse { raw: "{".into() },
        ErrorKind::Step,
    ];
    for kind in kinds {
        let step = Scripted::fails(Error::new(kind.clone(), "not now")).then_says(["fine"]);
        assert_eq!(step.retry(exact(2)).invoke(()).await.unwrap(), "fine", "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_the_provider_asks_for_is_respected_beyond_the_longest_delay() {
    let unavailable = Error::new(ErrorKind::Unavailable { retry_after: Some(secs(2)) }, "down");
    let step = Scripted::fails(limited(secs(5))).then_fails(unavailable).then_says(["fine"]);
    let log = step.log();
    step.retry(exact(3).max_delay(secs(1))).invoke(()).await.unwrap();
    assert_eq!(log.times(), [0, 5, 7].map(secs));
}

#[tokio::test(start_paused = true)]
async fn a_shorter_wait_than_the_delay_changes_nothing() {
    let step = Scripted::fails(limited(ms(10))).then_says(["fine"]);
    let log = step.log();
    step.retry(exact(3)).invoke(()).await.unwrap();
    assert_eq!(log.times(), [0, 100].map(ms));
}

#[tokio::test(start_paused = true)]
async fn a_wait_past_the_deadline_is_not_begun() {
    let step = Scripted::fails(limited(secs(60)));
    let log = step.log();
    let start = Instant::now();
    let error = step.retry(exact(3)).invoke_with((), Config::new().deadline(secs(10))).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(log.calls(), 1);
    assert_eq!(error.kind(), &ErrorKind::RateLimited { retry_after: Some(secs(60)) });
    assert_eq!(
        error.to_string(),
        "scripted: slow down (while waiting 60s for another attempt, which the run's deadline forbids)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_timeout_within_a_retry_limits_each_attempt_and_one_around_it_all_of_them() {
    let step = Scripted::says(["late"]).after(secs(1));
    let log = step.log();
    let error = step.timeout(ms(500)).retry(exact(3)).invoke(()).await.unwrap_err();
    assert_eq!(log.times(), [0, 600, 1300].map(ms));
    assert_eq!((error.kind(), error.attempts()), (&ErrorKind::Timeout { after: ms(500) }, 3));
    assert_eq!((log.stopped(), log.running()), (3, 0));

    let step = Scripted::fails(busy());
    let log = step.log();
    let start = Instant::now();
    let error = step.retry(exact(100)).timeout(ms(350)).invoke(()).await.unwrap_err();
    assert_eq!((log.calls(), start.elapsed()), (3, ms(350)));
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: ms(350) });
}

#[tokio::test(start_paused = true)]
async fn nested_retries_multiply() {
    let step = Scripted::fails(busy());
    let log = step.log();
    step.retry(exact(2)).retry(exact(3)).invoke(()).await.unwrap_err();
    assert_eq!(log.calls(), 6);
}

#[tokio::test(start_paused = true)]
async fn under_a_map_only_the_items_that_fail_are_retried() -> catena::Result<()> {
    let step = Scripted::fails(busy()).then_says(["fine"]);
    let log = step.log();
    assert_eq!(step.retry(exact(3)).map().invoke(vec![(), (), ()]).await?, ["fine", "fine", "fine"]);
    assert_eq!(log.calls(), 4);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_attempts_stand_in_the_error_of_the_whole_chain() {
    let step = Scripted::fails(busy()).retry(exact(3)).named("ask");
    let chain = chain!(String => <answer: step> | .answer);
    let error = chain.invoke("x".into()).await.unwrap_err();
    assert_eq!(error.to_string(), "<answer>.ask: busy (after 3 attempts)");
}

struct Counted(std::sync::Arc<AtomicUsize>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, SeqCst);
        Counted(self.0.clone())
    }
}

#[runnable]
fn look(_it: &Counted) -> catena::Result<()> {
    Err(busy())
}

#[runnable]
fn eat(_it: Counted) -> catena::Result<()> {
    Err(busy())
}

#[tokio::test(start_paused = true)]
async fn the_input_is_lent_to_steps_that_read_and_cloned_for_those_that_keep_it() {
    let clones = std::sync::Arc::new(AtomicUsize::new(0));
    look.retry(exact(5)).invoke(Counted(clones.clone())).await.unwrap_err();
    assert_eq!(clones.load(SeqCst), 0);
    chain!(look).retry(exact(5)).invoke(Counted(clones.clone())).await.unwrap_err();
    assert_eq!(clones.load(SeqCst), 0);
    eat.retry(exact(5)).invoke(Counted(clones.clone())).await.unwrap_err();
    assert_eq!(clones.load(SeqCst), 5);
}

#[tokio::test(start_paused = true)]
async fn streams_are_retried_until_the_first_chunk() -> catena::Result<()> {
    let step = Scripted::fails(busy()).then_fails(busy()).then_says(["a", "b"]);
    let log = step.log();
    let step = step.retry(exact(3));
    let chunks: Vec<_> = step.stream(()).collect().await;
    assert_eq!(chunks.into_iter().collect::<catena::Result<Vec<_>>>()?, ["a", "b"]);
    assert_eq!(log.times(), [0, 100, 300].map(ms));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn streams_are_not_retried_after_the_first_chunk() {
    let step = Scripted::default().then_breaks(["a"], busy()).then_says(["never"]);
    let log = step.log();
    let step = step.retry(exact(3));
    let mut chunks = step.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    assert_eq!(chunks.next().await.unwrap().unwrap_err().message(), "busy");
    assert!(chunks.next().await.is_none());
    assert_eq!(log.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_never_begins_fails_with_its_attempts() {
    let step = Scripted::fails(busy()).retry(exact(3));
    let mut chunks = step.stream(());
    let error = chunks.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "scripted: busy (after 3 attempts)");
    assert!(chunks.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn an_empty_stream_is_a_success() {
    let step = Scripted::says([]);
    let log = step.log();
    let step = step.retry(exact(3));
    assert_eq!(step.stream(()).count().await, 0);
    assert_eq!(log.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_settings_show_in_debug() {
    let shown = format!("{:?}", Retry::attempts(3).total_delay(secs(9)).when(|_| true));
    assert_eq!(
        shown,
        "Retry { attempts: 3, base: 200ms, factor: 2.0, max_delay: 30s, total_delay: Some(9s), max_retry_after: 600s, jitter: true, \
         when: \"a predicate\" }"
    );
}
