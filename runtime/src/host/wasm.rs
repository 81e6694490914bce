//! Time and tasks of a JavaScript host, which has one thread: nothing can wait there, and work that blocks holds all else up.

use crate::Result;
use futures_util::future::{AbortHandle, Abortable, Aborted};
use std::{
    any::Any,
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll, ready},
    time::Duration,
};
use tokio::sync::oneshot;
use wasm_bindgen_futures::spawn_local;

pub(crate) use wasmtimer::{
    std::Instant,
    std::Instant as WorkClock,
    tokio::{Sleep, sleep, sleep_until},
};

/// Returns the time of day.
#[cfg(feature = "run-log")]
pub(crate) fn now() -> std::time::SystemTime {
    let passed = wasmtimer::std::SystemTime::now().duration_since(wasmtimer::std::UNIX_EPOCH);
    std::time::SystemTime::UNIX_EPOCH + passed.unwrap_or_default()
}

/// Returns `true`: there are always the events of the page.
pub(crate) const fn has_others() -> bool {
    true
}

/// Has the task polled again when timers and events have had their turn, which come after all microtasks.
#[cold]
pub(crate) fn give_way(task: &mut Task<'_>) {
    let waker = task.waker().clone();
    spawn_local(async move {
        sleep(Duration::ZERO).await;
        waker.wake();
    });
}

/// Refuses to wait, as every thread here polls async code.
pub(crate) fn block_on<O>(_work: impl Future<Output = Result<O>>) -> Option<Result<O>> {
    None
}

/// The handle of a task, which gives its result.
pub(crate) struct JoinHandle<T> {
    result: oneshot::Receiver<T>,
    abort: AbortHandle,
}

impl<T> JoinHandle<T> {
    pub(crate) fn abort(&self) {
        self.abort.abort();
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(Pin::new(&mut self.result).poll(task)).map_err(|_| JoinError))
    }
}

/// The error of a task that was stopped. One that panics ends the program here.
pub(crate) struct JoinError;

impl JoinError {
    pub(crate) const fn is_panic(&self) -> bool {
        false
    }

    pub(crate) fn into_panic(self) -> Box<dyn Any + Send> {
        Box::new("the task was stopped")
    }
}

/// Begins a task.
pub(crate) fn spawn<T: 'static>(work: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    let (sender, result) = oneshot::channel();
    let (abort, registration) = AbortHandle::new_pair();
    let work = Abortable::new(work, registration);
    spawn_local(async move {
        match work.await {
            Ok(value) => drop(sender.send(value)),
            Err(Aborted) => {}
        }
    });
    JoinHandle { result, abort }
}

/// Does this work in a task, between those of others: there is no other thread.
pub(crate) fn spawn_blocking<T: 'static>(work: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    spawn(async move { work() })
}
