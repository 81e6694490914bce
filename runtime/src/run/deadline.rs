//! The early end of a run: by its deadline, or by a cancelled token.

use crate::{
    Chunks, Config, Context, Error, ErrorKind, Result,
    host::{Instant, sleep_until},
    stream::generate::Sender,
};
use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, Either, pending, select},
};
use pin_project_lite::pin_project;
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context as Task, Poll},
    time::Duration,
};
use tokio::task::coop::unconstrained;

/// Work under the deadline and the token that this configuration brings. Those that were inherited are watched where they
/// were set, which is where the error can say how long a deadline was.
pub(crate) fn run_until_stopped<'a, O, F: Future<Output = Result<O>>>(
    outer: &'a Context,
    cx: &'a Context,
    config: &'a Config,
    work: F,
) -> RunUntilStopped<'a, F> {
    RunUntilStopped { outer, cx, config, work, stop: None }
}

pin_project! {
    /// Work under a configuration's bounds. By hand, because in an `async` block the work would take up its room twice.
    pub(crate) struct RunUntilStopped<'a, F> {
        outer: &'a Context,
        cx: &'a Context,
        config: &'a Config,
        #[pin]
        work: F,
        // Once the work has begun to wait.
        stop: Option<BoxFuture<'a, Error>>,
    }
}

impl<O, F: Future<Output = Result<O>>> Future for RunUntilStopped<'_, F> {
    type Output = Result<O>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        let this = self.project();
        let config = *this.config;
        // A token that is cancelled ends even work that is ready; a deadline does not take away what is there in time.
        config.check_cancelled()?;
        if this.stop.is_none() {
            config.check_limit()?;
            check_deadline(this.outer, this.cx, config)?;
        }
        if let Poll::Ready(output) = this.work.poll(task) {
            return Poll::Ready(output);
        }
        poll_stop(this.stop, this.outer, this.cx, config, task).map(Err)
    }
}

/// Returns `true` if work that waits is stopped.
fn poll_stop<'a>(
    stop: &mut Option<BoxFuture<'a, Error>>,
    outer: &'a Context,
    cx: &'a Context,
    config: &'a Config,
    task: &mut Task<'_>,
) -> Poll<Error> {
    if config.cancel.is_empty() && config.deadline.is_none() {
        return Poll::Pending;
    }
    stop.get_or_insert_with(|| stopped(outer, cx, config).boxed()).poll_unpin(task)
}

/// Hands over the chunks of a stream under the deadline and the token that this configuration brings. After the deadline no
/// further chunk is given, even if one is ready; a stream that has come to its end has ended.
pub(crate) async fn forward_until_stopped<'a, T: Send>(
    outer: &'a Context,
    cx: &'a Context,
    config: &'a Config,
    chunks: impl FnOnce() -> Chunks<'a, T>,
    out: &Sender<T>,
) -> Result<()> {
    config.check_cancelled()?;
    config.check_limit()?;
    check_deadline(outer, cx, config)?;
    let mut chunks = chunks();
    let mut stop = None;
    loop {
        let in_time = check_deadline(outer, cx, config);
        let next = poll_fn(|task| {
            config.check_cancelled()?;
            match chunks.poll_next_unpin(task) {
                Poll::Ready(next) => Poll::Ready(next.transpose()),
                Poll::Pending => poll_stop(&mut stop, outer, cx, config, task).map(Err),
            }
        });
        let Some(chunk) = next.await? else { return Ok(()) };
        in_time?;
        out.send(chunk).await;
    }
}

/// Fails if the deadline that this configuration brings has passed.
fn check_deadline(outer: &Context, cx: &Context, config: &Config) -> Result<()> {
    match own_deadline(outer, cx, config) {
        Some((after, deadline)) if deadline <= Instant::now() => Err(has_passed(after)),
        _ => Ok(()),
    }
}

/// The deadline that this configuration brings, and how long it was.
fn own_deadline(outer: &Context, cx: &Context, config: &Config) -> Option<(Duration, Instant)> {
    let (after, deadline) = (config.deadline?, cx.deadline()?);
    (outer.deadline() != Some(deadline)).then_some((after, deadline))
}

/// Ready when that deadline has passed. Looks at the clock whenever it is polled: a timer fires only when the thread gets to look
/// at its timers, which work that is always ready puts off.
async fn passed(outer: &Context, cx: &Context, config: &Config) -> Error {
    let Some((after, deadline)) = own_deadline(outer, cx, config) else { return pending().await };
    let mut sleep = pin!(sleep_until(deadline));
    poll_fn(|task| if deadline <= Instant::now() { Poll::Ready(()) } else { sleep.as_mut().poll(task) }).await;
    has_passed(after)
}

#[cold]
fn has_passed(after: Duration) -> Error {
    Error::new(ErrorKind::Deadline, format!("the run's deadline of {after:?} has passed"))
}

/// Ready when the run is stopped by what this configuration brings. The work may have used up the budget of the task, which is not
/// for this.
pub(crate) async fn stopped(outer: &Context, cx: &Context, config: &Config) -> Error {
    match unconstrained(select(pin!(config.cancelled()), pin!(passed(outer, cx, config)))).await {
        Either::Left((error, _)) | Either::Right((error, _)) => error,
    }
}
