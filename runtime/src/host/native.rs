//! Time, tasks and threads of tokio.

use crate::{Error, Result};
use std::{
    future::Future,
    pin::pin,
    sync::{Mutex, OnceLock, PoisonError},
    task::{Context as Task, Waker},
};
use tokio::{
    runtime::{self, Handle},
    task::coop,
};

pub(crate) use std::time::Instant as WorkClock;
pub(crate) use tokio::{
    task::{JoinError, JoinHandle, spawn, spawn_blocking},
    time::{Instant, Sleep, sleep, sleep_until},
};

/// Returns the time of day.
#[cfg(feature = "run-log")]
pub(crate) fn now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

/// Returns `true` if there are others to give way to: outside of tokio, there is nothing that it knows of.
pub(crate) fn has_others() -> bool {
    Handle::try_current().is_ok()
}

/// Has the task polled again when others have had their turn.
///
/// Not by the waker alone: tokio would poll the task time after time before it looks at its timers.
#[cold]
pub(crate) fn give_way(task: &mut Task<'_>) {
    let _ = pin!(tokio::task::yield_now()).poll(task);
}

/// Waits for this work on this thread, or refuses to, if the thread polls async code.
pub(crate) fn block_on<O>(work: impl Future<Output = Result<O>>) -> Option<Result<O>> {
    if polls() {
        return None;
    }
    Some(match runtime() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => Err(error),
    })
}

/// Returns `true` if this thread polls async code. Threads for blocking work are inside a runtime too, but only polled tasks have a
/// budget that can be used up.
fn polls() -> bool {
    if Handle::try_current().is_err() {
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
