//! What would go on after a failure does not, where the run is cancelled.

use catena::{CancellationToken, Config, Error, ErrorKind, prelude::*};
use catena_tests::Scripted;
use futures_util::StreamExt;
use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

/// Fails in the moment in which its run is cancelled, without waiting for anything.
struct GivesUp {
    token: CancellationToken,
    calls: AtomicUsize,
}

#[runnable]
impl Runnable<u32> for &GivesUp {
    type Output = String;
    async fn call(&self, _n: u32, cx: &Context) -> catena::Result<String> {
        self.calls.fetch_add(1, SeqCst);
        self.token.cancel();
        assert!(cx.is_cancelled());
        Err(Error::msg("gave up"))
    }
}

fn gives_up() -> (GivesUp, Config) {
    let token = CancellationToken::new();
    let config = Config::new().cancel(token.clone());
    (GivesUp { token, calls: AtomicUsize::new(0) }, config)
}

/// At once, and whatever the error is.
fn again() -> Retry {
    Retry::attempts(5).base(Duration::ZERO).when(|_| true)
}

/// What the run says: that it was cancelled, and what the step said meanwhile.
fn told(error: &Error) -> (&ErrorKind, Vec<&str>) {
    (error.kind(), error.others().iter().map(Error::message).collect())
}

#[tokio::test(start_paused = true)]
async fn no_other_attempt_is_made() {
    let (step, config) = gives_up();
    let error = (&step).retry(again()).named("ask").invoke_with(1, config).await.unwrap_err();
    assert_eq!((told(&error), error.path().as_str()), ((&ErrorKind::Cancelled, vec!["gave up"]), "ask"));
    assert_eq!(step.calls.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn no_fallback_takes_over() {
    let (step, config) = gives_up();
    let backup = Scripted::says(["from the backup"]);
    let log = backup.log();
    let error = (&step).fallback(backup.clone()).invoke_with(1, config).await.unwrap_err();
    assert_eq!((told(&error), log.calls()), ((&ErrorKind::Cancelled, vec!["gave up"]), 0));
    let (step, config) = gives_up();
    let error = (&step).fallback_with_error(backup).invoke_with(1, config).await.unwrap_err();
    assert_eq!((told(&error), log.calls()), ((&ErrorKind::Cancelled, vec!["gave up"]), 0));
}

#[tokio::test(start_paused = true)]
async fn nor_does_either_in_a_stream() {
    let (step, config) = gives_up();
    let backup = Scripted::says(["from the backup"]);
    let log = backup.log();
    let chain = (&step).retry(again()).fallback(backup).with_config(config);
    let chunks: Vec<_> = chain.stream(1).collect().await;
    assert_eq!(chunks.len(), 1);
    assert_eq!(chunks[0].as_ref().unwrap_err().kind(), &ErrorKind::Cancelled);
    assert_eq!((step.calls.load(SeqCst), log.calls()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn nor_in_the_items_of_a_batch() {
    let (step, config) = gives_up();
    let backup = Scripted::says(["from the backup"]);
    let log = backup.log();
    let chain = (&step).retry(again()).fallback(backup);
    let results = chain.batch([1, 2, 3]).max_concurrency(1).config(config).await;
    assert!(results.iter().all(|result| result.as_ref().unwrap_err().kind() == &ErrorKind::Cancelled));
    assert_eq!((results.len(), step.calls.load(SeqCst), log.calls()), (3, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_cancelled_by_itself_may_be_replaced() -> catena::Result<()> {
    // The run around it goes on, and so does its fallback.
    let (step, config) = gives_up();
    let chain = (&step).retry(again()).with_config(config).fallback(Scripted::says(["from the backup"]));
    assert_eq!(chain.invoke(1).await?, "from the backup");
    assert_eq!(step.calls.load(SeqCst), 1);
    Ok(())
}
