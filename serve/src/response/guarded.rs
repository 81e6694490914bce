//! A stream that ends at its deadline, also if no client reads it.

use crate::lock::lock;
use futures_util::{Stream, stream::BoxStream};
use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::OwnedSemaphorePermit, task::AbortHandle};
use tracing::Span;

/// A run in flight: its stream and its permit.
struct Running<T> {
    stream: BoxStream<'static, T>,
    _permit: OwnedSemaphorePermit,
}

/// The stream of a run. A run goes on only while its stream is read, and its own deadline is looked at only then. So a
/// task ends it from outside: for a client that never reads, the run and its permit are dropped a moment after the
/// deadline.
pub(super) struct Guarded<T> {
    running: Arc<Mutex<Option<Running<T>>>>,
    watchdog: AbortHandle,
    span: Span,
}

/// The time that a run's own deadline has to come first.
const MOMENT: Duration = Duration::from_secs(1);

impl<T: 'static> Guarded<T> {
    pub(super) fn new(stream: BoxStream<'static, T>, permit: OwnedSemaphorePermit, deadline: Duration) -> Self {
        let running = Arc::new(Mutex::new(Some(Running { stream, _permit: permit })));
        let watched = Arc::clone(&running);
        let watchdog = tokio::spawn(async move {
            tokio::time::sleep(deadline.saturating_add(MOMENT)).await;
            let late = lock(&watched).take();
            if late.is_some() {
                tracing::info!("a stream was not read to its end before the deadline: its run is cancelled");
            }
        });
        Guarded { running, watchdog: watchdog.abort_handle(), span: Span::current() }
    }
}

impl<T> Stream for Guarded<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<T>> {
        let _entered = self.span.enter();
        let mut running = lock(&self.running);
        let Some(run) = &mut *running else { return Poll::Ready(None) };
        let item = std::task::ready!(run.stream.as_mut().poll_next(task));
        if item.is_none() {
            *running = None;
        }
        Poll::Ready(item)
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        self.watchdog.abort();
    }
}
