//! Limits on time: of a step, of a part of a chain, of the whole run, of streams.

use catena::{Config, Error, ErrorKind, prelude::*};
use catena_tests::{Scripted, ms, secs};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{Instant, sleep};

fn slow(after: Duration) -> Scripted {
    Scripted::says(["done"]).after(after)
}

fn until(deadline: Duration) -> Config {
    Config::new().deadline(deadline)
}

#[runnable]
fn time_left(_input: &(), cx: &Context) -> Option<Duration> {
    cx.time_left()
}

#[tokio::test(start_paused = true)]
async fn a_step_that_takes_too_long_is_stopped_and_fails() {
    let step = slow(secs(10));
    let log = step.log();
    let start = Instant::now();
    let error = step.timeout(secs(3)).invoke(()).await.unwrap_err();
    assert_eq!(start.elapsed(), secs(3));
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: secs(3) });
    assert_eq!(error.to_string(), "scripted: no answer within 3s");
    assert!(error.is_retryable());
    assert_eq!((log.running(), log.stopped()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_step_in_time_is_left_alone() -> catena::Result<()> {
    assert_eq!(slow(secs(2)).timeout(secs(3)).invoke(()).await?, "done");
    assert_eq!(slow(secs(2)).timeout(Duration::MAX).invoke(()).await?, "done");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_nested_timeouts_the_shorter_one_counts() {
    let inner = slow(secs(10)).timeout(secs(1)).timeout(secs(5)).invoke(()).await.unwrap_err();
    assert_eq!(inner.kind(), &ErrorKind::Timeout { after: secs(1) });
    let outer = slow(secs(10)).timeout(secs(5)).timeout(secs(1)).invoke(()).await.unwrap_err();
    assert_eq!(outer.kind(), &ErrorKind::Timeout { after: secs(1) });
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_one_branch_leaves_a_settled_map_alone() -> catena::Result<()> {
    let (quick, late) = (slow(secs(1)), slow(secs(10)).timeout(secs(3)));
    let start = Instant::now();
    let out = chain!(String => <quick: quick, late?: late>).invoke(String::new()).await?;
    assert_eq!(start.elapsed(), secs(3));
    assert_eq!(out.quick, "done");
    assert_eq!(out.late.unwrap_err().to_string(), "<late>.scripted: no answer within 3s");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_whole_run_ends_at_its_deadline() {
    let (first, second) = (slow(secs(2)), slow(secs(10)));
    let log = second.log();
    let chain = chain!(String => first | second);
    let start = Instant::now();
    let error = chain.invoke_with(String::new(), until(secs(5))).await.unwrap_err();
    assert_eq!(start.elapsed(), secs(5));
    assert_eq!(error.kind(), &ErrorKind::Deadline);
    assert_eq!(error.to_string(), "the run's deadline of 5s has passed");
    assert!(!error.is_retryable());
    assert_eq!((log.calls(), log.stopped()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_run_in_time_is_left_alone() -> catena::Result<()> {
    assert_eq!(slow(secs(2)).invoke_with((), until(secs(5))).await?, "done");
    assert_eq!(slow(secs(2)).invoke_with((), until(Duration::MAX)).await?, "done");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_deadline_of_zero_fails_before_anything_runs() {
    let step = Scripted::says(["done"]);
    let log = step.log();
    let error = step.clone().invoke_with((), until(Duration::ZERO)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Deadline);
    let configured = step.with_config(until(Duration::ZERO));
    assert_eq!(configured.invoke(()).await.unwrap_err().kind(), &ErrorKind::Deadline);
    let mut chunks = configured.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap_err().kind(), &ErrorKind::Deadline);
    assert_eq!(log.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn steps_see_how_much_time_is_left() -> catena::Result<()> {
    assert_eq!(time_left.invoke(()).await?, None);
    assert_eq!(time_left.invoke_with((), until(secs(5))).await?, Some(secs(5)));
    let after_two = chain!(() => |()| { sleep(secs(2)).await; } | time_left);
    assert_eq!(after_two.invoke_with((), until(secs(5))).await?, Some(secs(3)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_earlier_of_nested_deadlines_counts() -> catena::Result<()> {
    let inner = time_left.with_config(until(secs(2)));
    assert_eq!(inner.invoke_with((), until(secs(9))).await?, Some(secs(2)));
    let inner = time_left.with_config(until(secs(9)));
    assert_eq!(inner.invoke_with((), until(secs(2))).await?, Some(secs(2)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_error_names_the_deadline_that_counted() {
    let error = slow(secs(60)).with_config(until(secs(9))).invoke_with((), until(secs(2))).await.unwrap_err();
    assert_eq!(error.message(), "the run's deadline of 2s has passed");
    let error = slow(secs(60)).with_config(until(secs(2))).invoke_with((), until(secs(9))).await.unwrap_err();
    assert_eq!(error.message(), "the run's deadline of 2s has passed");
}

#[tokio::test(start_paused = true)]
async fn a_part_of_a_chain_has_a_deadline_of_its_own() -> catena::Result<()> {
    let part = slow(secs(10)).with_config(until(secs(2))).named("part");
    let backup = Scripted::says(["instead"]);
    let start = Instant::now();
    let chain = chain!(String => <a: (part.clone().fallback(backup)), b?: part>);
    let out = chain.invoke(String::new()).await?;
    assert_eq!(start.elapsed(), secs(2));
    assert_eq!(out.a, "instead");
    assert_eq!(out.b.unwrap_err().to_string(), "<b>.part: the run's deadline of 2s has passed");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_passed_deadline_is_not_retried() {
    let step = slow(secs(10));
    let log = step.log();
    step.with_config(until(secs(2))).retry(5).invoke(()).await.unwrap_err();
    assert_eq!(log.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_on_the_whole_stream() {
    let step = Scripted::says(["a", "b", "c"]).every(secs(2));
    let log = step.log();
    let step = step.timeout(secs(3));
    let mut chunks = step.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    assert_eq!(chunks.next().await.unwrap().unwrap(), "b");
    let error = chunks.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "scripted: no answer within 3s");
    assert!(chunks.next().await.is_none());
    assert_eq!(log.stopped(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_in_time_is_left_alone() {
    let step = Scripted::says(["a", "b", "c"]).every(secs(1));
    for limit in [secs(5), Duration::MAX] {
        let step = step.clone().timeout(limit);
        let chunks: Vec<String> = step.stream(()).map(Result::unwrap).collect().await;
        assert_eq!(chunks, ["a", "b", "c"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_at_its_deadline() {
    let step = Scripted::says(["a", "b", "c"]).every(secs(2));
    let log = step.log();
    let step = step.with_config(until(secs(3)));
    let mut chunks = step.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    assert_eq!(chunks.next().await.unwrap().unwrap(), "b");
    assert_eq!(chunks.next().await.unwrap().unwrap_err().kind(), &ErrorKind::Deadline);
    assert!(chunks.next().await.is_none());
    assert_eq!(log.stopped(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_passes_while_nobody_reads_is_not_lost() {
    let step = Scripted::says(["a", "b", "c", "d"]).with_config(until(secs(3)));
    let mut chunks = step.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    sleep(secs(10)).await;
    let rest: Vec<_> = chunks.collect().await;
    let errors: Vec<Error> = rest.into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 1, "the stream was cut short and has to say so");
    assert_eq!(errors[0].kind(), &ErrorKind::Deadline);
}

#[tokio::test(start_paused = true)]
async fn the_time_in_which_the_reader_is_away_does_not_count_for_a_timeout() {
    let step = Scripted::says(["a", "b", "c", "d"]).every(secs(1)).timeout(ms(3500));
    let mut chunks = step.stream(());
    for expected in ["a", "b", "c", "d"] {
        assert_eq!(chunks.next().await.unwrap().unwrap(), expected);
        sleep(secs(10)).await;
    }
    // The end comes after another second of the step's.
    let error = chunks.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: ms(3500) });
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_busy_with_another_branch_is_away_as_well() {
    let quick = Scripted::says(["1", "2", "3", "4"]);
    let slow = Scripted::says(["a", "b", "c"]).every(ms(10));
    let chain = chain!(String => <quick: quick, slow: slow.timeout(ms(50))>);
    let mut chunks = chain.stream(String::new());
    let mut count = 0;
    while let Some(chunk) = chunks.next().await {
        chunk.unwrap();
        count += 1;
        sleep(secs(1)).await;
    }
    assert_eq!(count, 7);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_never_gets_ready_is_stopped_however_often_its_reader_looks() {
    let step = slow(secs(1000)).timeout(secs(3));
    let start = Instant::now();
    let mut chunks = step.stream(());
    let error = loop {
        if let Ok(chunk) = tokio::time::timeout(ms(100), chunks.next()).await {
            break chunk.unwrap().unwrap_err();
        }
    };
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: secs(3) });
    assert_eq!(start.elapsed(), secs(3));
}

#[tokio::test(start_paused = true)]
async fn the_time_of_the_step_before_does_not_count() -> catena::Result<()> {
    let (before, step) = (slow(secs(10)), slow(ms(500)).timeout(secs(1)));
    let chain = chain!(String => before | step);
    assert_eq!(chain.invoke(String::new()).await?, "done");
    assert_eq!(chain.stream(String::new()).map(Result::unwrap).collect::<String>().await, "done");
    Ok(())
}
