//! Calls from threads that may block.

use crate::{Context, Error, ErrorKind, Result, host, run::task::Owned};
use futures_util::future::{Either, pending, select};
use std::{cell::RefCell, future::Future, pin::pin};
use tokio_util::sync::CancellationToken;

thread_local! {
    /// Cancelled when the call of the blocking step that runs on this thread is dropped.
    static DROPPED: RefCell<Option<CancellationToken>> = const { RefCell::new(None) };
}

/// Blocking work on this thread, until its end. What it calls ends earlier, with this token.
pub(crate) fn marked<T>(dropped: CancellationToken, work: impl FnOnce() -> T) -> T {
    /// Puts back what was there, even if the work panics.
    struct Mark(Option<CancellationToken>);

    impl Drop for Mark {
        fn drop(&mut self) {
            DROPPED.set(self.0.take());
        }
    }
    let _mark = Mark(DROPPED.replace(Some(dropped)));
    work()
}

/// Runs blocking work on another thread, in the `tracing` span of its caller.
///
/// # Errors
/// [`ErrorKind::Panic`] if it panics.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let dropped = CancellationToken::new();
    let _dropped = dropped.clone().drop_guard();
    Owned::spawn_blocking(move || marked(dropped, work)).await
}

/// Waits for this work on the thread that calls, which must be one that may block.
pub(crate) fn wait<O>(method: &str, work: impl Future<Output = Result<O>>) -> Result<O> {
    host::block_on(work).unwrap_or_else(|| {
        Err(Error::new(
            ErrorKind::BadInput,
            format!(
                "`{method}` was called on a thread that polls async code, which it would block: use `.invoke(..).await` \
                 there, or `.call(.., cx).await` within a step; or make the step `#[runnable(blocking)]`, where \
                 `.call_blocking(.., cx)` works"
            ),
        ))
    })
}

/// Runs work within a run, and ends with it.
pub(crate) async fn within<O>(cx: &Context, work: impl Future<Output = Result<O>>) -> Result<O> {
    let dropped = DROPPED.with_borrow(Clone::clone);
    let ended = async {
        let dropped = async {
            match &dropped {
                Some(dropped) => dropped.cancelled().await,
                None => pending().await,
            }
        };
        let passed = async {
            match cx.deadline() {
                Some(deadline) => host::sleep_until(deadline).await,
                None => pending().await,
            }
        };
        match select(pin!(passed), select(pin!(cx.cancelled()), pin!(dropped))).await {
            Either::Left(_) => Error::new(ErrorKind::Deadline, "the run's deadline has passed"),
            Either::Right(_) => Error::new(ErrorKind::Cancelled, "the run was cancelled"),
        }
    };
    match select(pin!(work), pin!(ended)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((error, _)) => Err(error),
    }
}
