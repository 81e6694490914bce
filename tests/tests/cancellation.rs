//! Cancelling a run: before, during and after; what does not go on; nothing outlives it.

use catena::{CancellationToken, Config, ErrorKind, prelude::*};
use catena_tests::{Scripted, ms, secs};
use futures_util::StreamExt;

fn after(time: std::time::Duration) -> CancellationToken {
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        tokio::time::sleep(time).await;
        stop.cancel();
    });
    token
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_says_so_and_stops() {
    let source = Scripted::says(["a"]).after(secs(60));
    let chain = chain!(String => source.clone()).named("ask");
    let config = Config::new().cancel(after(ms(10)));
    let error = chain.invoke_with("q".into(), config).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (&ErrorKind::Cancelled, "ask: the run was cancelled"));
    assert_eq!((source.log().running(), source.log().stopped()), (0, 1));
}

#[tokio::test]
async fn one_that_is_cancelled_before_it_begins_runs_nothing() {
    let source = Scripted::says(["a"]);
    let token = CancellationToken::new();
    token.cancel();
    let error = source.invoke_with((), Config::new().cancel(token)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Cancelled);
    assert_eq!(source.log().calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_done_is_done() {
    let source = Scripted::says(["a"]);
    let token = CancellationToken::new();
    let answer = source.invoke_with((), Config::new().cancel(token.clone())).await;
    token.cancel();
    assert_eq!(answer.unwrap(), "a");
}

#[tokio::test(start_paused = true)]
async fn neither_retry_nor_fallback_goes_on_after_a_cancel() {
    let source = Scripted::says(["a"]).after(secs(60));
    let backup = Scripted::says(["b"]);
    let chain = source.clone().retry(5).fallback(backup.clone());
    let error = chain.invoke_with("q".to_owned(), Config::new().cancel(after(ms(10)))).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Cancelled);
    assert_eq!((source.log().calls(), backup.log().calls()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_spawned_ends_with_the_run() {
    let source = Scripted::says(["a"]).after(secs(60));
    let chain = chain!(String => <a: source.clone().spawned(), b: source.clone().spawned()>);
    let error = chain.invoke_with("q".into(), Config::new().cancel(after(ms(10)))).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Cancelled);
    tokio::time::sleep(ms(1)).await;
    assert_eq!((source.log().calls(), source.log().running()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_part_may_be_cancelled_alone() {
    let source = Scripted::says(["a"]).after(secs(60));
    let part = source.clone().with_config(Config::new().cancel(after(ms(10))));
    let chain = chain!(String => <part?: part, whole: _>);
    let answer = chain.invoke("q".into()).await.unwrap();
    assert_eq!(answer.part.unwrap_err().kind(), &ErrorKind::Cancelled);
    assert_eq!(answer.whole, "q");
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_events_ends_with_the_cancellation() {
    let source = Scripted::says(["a", "b"]).every(secs(60));
    let events = source.events("q".to_owned()).with(Config::new().cancel(after(secs(1))));
    let mut outcomes: Vec<_> = events.collect().await;
    assert_eq!(outcomes.pop().unwrap().unwrap_err().kind(), &ErrorKind::Cancelled);
    assert_eq!(source.log().running(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_step_can_see_that_it_is_cancelled() {
    #[runnable(blocking)]
    fn count((): (), cx: &Context) -> usize {
        while !cx.is_cancelled() {
            std::thread::yield_now();
        }
        0
    }
    let token = CancellationToken::new();
    token.cancel();
    // The run itself says cancelled before the step could.
    assert!(count.invoke_with((), Config::new().cancel(token)).await.is_err());
}
