//! Calls from threads that may block.

use crate::{Context, Error, ErrorKind, Result, run::task::Owned};
use futures_util::future::{Either, pending, select};
use std::{
    cell::RefCell,
    future::Future,
    pin::pin,
    sync::{Mutex, OnceLock, PoisonError},
    task::{Context as Task, Waker},
};
use tokio::{runtime, task::coop};
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
    if polls() {
        return Err(Error::new(
            ErrorKind::BadInput,
            format!(
                "`{method}` was called on a thread that polls async code, which it would block: use `.invoke(..).await` \
                 there, or `.call(.., cx).await` within a step; or make the step `#[runnable(blocking)]`, where \
                 `.call_blocking(.., cx)` works"
            ),
        ));
    }
    runtime()?.block_on(work)
}

/// Returns `true` if this thread polls async code. Threads for blocking work are inside a runtime too, but only polled tasks have a
/// budget that can be used up.
fn polls() -> bool {
    if runtime::Handle::try_current().is_err() {
        return false;
    }
    let mut task = Task::from_waker(Waker::noop());
    // A budget is smaller than this. What is polled here yields at its next `.await`, as it does when it has worked for long.
    (0..=u8::MAX).any(|_| match coop::poll_proceed(&mut task) {
        std::task::Poll::Ready(budget) => {
            budget.made_progress();
            false
        }
        std::task::Poll::Pending => true,
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
                Some(deadline) => tokio::time::sleep_until(deadline).await,
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

/// One runtime for all blocking calls: connections that a client keeps open live on it.
fn runtime() -> Result<&'static runtime::Runtime> {
    static RUNTIME: OnceLock<runtime::Runtime> = OnceLock::new();
    static START: Mutex<()> = Mutex::new(());
    let _starting = START.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("catena-blocking")
        .enable_all()
        .build()
        .map_err(|error| Error::from(error).while_doing("starting a runtime for a blocking call"))?;
    Ok(RUNTIME.get_or_init(|| runtime))
}
