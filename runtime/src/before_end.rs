//! What ends a run before its time: a deadline that passes, a token that is cancelled.

use crate::{Config, Context, Error, ErrorKind, Result};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Either, pending, select},
};
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context as Task, Poll},
    time::Duration,
};
use tokio::time::Instant;

/// Work under the deadline and the token that this configuration brings. Those that were inherited are watched where they
/// were set, which is where the error can say how long a deadline was.
pub(crate) fn before_end<'a, O, F: Future<Output = Result<O>>>(
    outer: &'a Context,
    cx: &'a Context,
    config: &'a Config,
    work: F,
) -> Bounded<'a, F> {
    Bounded { outer, cx, config, work, stop: None }
}

pin_project! {
    /// Work under a configuration's bounds. By hand, because in an `async` block the work would take up its room twice.
    pub(crate) struct Bounded<'a, F> {
        outer: &'a Context,
        cx: &'a Context,
        config: &'a Config,
        #[pin]
        work: F,
        // Once the work has begun to wait.
        stop: Option<BoxFuture<'a, Error>>,
    }
}

impl<O, F: Future<Output = Result<O>>> Future for Bounded<'_, F> {
    type Output = Result<O>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        let this = self.project();
        let config = *this.config;
        // A token that is cancelled ends even work that is ready; a deadline does not take away what is there in time.
        config.check_cancelled()?;
        if this.stop.is_none() {
            config.check_limit()?;
            if let Some((after, deadline)) = own_deadline(this.outer, this.cx, config)
                && deadline <= Instant::now()
            {
                return Poll::Ready(Err(has_passed(after)));
            }
        }
        if let Poll::Ready(output) = this.work.poll(task) {
            return Poll::Ready(output);
        }
        if config.cancel.is_none() && config.deadline.is_none() {
            return Poll::Pending;
        }
        this.stop.get_or_insert_with(|| stopped(this.outer, this.cx, config).boxed()).poll_unpin(task).map(Err)
    }
}

/// The deadline that this configuration brings, and how long it was.
fn own_deadline(outer: &Context, cx: &Context, config: &Config) -> Option<(Duration, Instant)> {
    let (after, deadline) = (config.deadline?, cx.deadline()?);
    (outer.deadline() != Some(deadline)).then_some((after, deadline))
}

/// Ready when that deadline has passed.
async fn passed(outer: &Context, cx: &Context, config: &Config) -> Error {
    match own_deadline(outer, cx, config) {
        Some((after, deadline)) => {
            tokio::time::sleep_until(deadline).await;
            has_passed(after)
        }
        None => pending().await,
    }
}

#[cold]
fn has_passed(after: Duration) -> Error {
    Error::new(ErrorKind::Deadline, format!("the run's deadline of {after:?} has passed"))
}

/// Ready when the run is stopped by what this configuration brings.
pub(crate) async fn stopped(outer: &Context, cx: &Context, config: &Config) -> Error {
    match select(pin!(config.cancelled()), pin!(passed(outer, cx, config))).await {
        Either::Left((error, _)) | Either::Right((error, _)) => error,
    }
}
