//! A stream: its run, and whether a client reads it.

use super::{super::Frame, StreamKey, kept::Kept};
use crate::lock::lock;
use futures_util::{stream::BoxStream, task::AtomicWaker};
use std::{
    future::poll_fn,
    sync::Mutex,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use tracing::Span;

/// A stream, and the client that reads it.
pub(super) struct Live {
    pub(super) keys: Vec<StreamKey>,
    /// `None` once it is over. A lock of the state is never held while it goes on.
    run: Mutex<Option<Run>>,
    pub(super) state: Mutex<State>,
    /// The task that lets the run go on when no client does.
    alone: AtomicWaker,
}

/// A run in flight.
struct Run {
    frames: BoxStream<'static, Frame>,
    _permit: OwnedSemaphorePermit,
    span: Span,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) kept: Kept,
    /// The number of the next frame that the client reads.
    pub(super) read: u64,
    pub(super) over: bool,
    /// The client that reads, if any: a later one takes the place of an earlier one.
    pub(super) reader: u64,
    /// When the last client left. `None` while there is one.
    pub(super) left: Option<Instant>,
    /// Wakes the client that waits.
    pub(super) waiting: Option<Waker>,
}

impl Live {
    pub(super) fn new(keys: Vec<StreamKey>, frames: BoxStream<'static, Frame>, permit: OwnedSemaphorePermit) -> Self {
        let run = Run { frames, _permit: permit, span: Span::current() };
        Live { keys, run: Mutex::new(Some(run)), state: Mutex::default(), alone: AtomicWaker::new() }
    }

    pub(super) fn is_over(&self) -> bool {
        lock(&self.state).over
    }

    /// Lets the run go on while it is ready and more of it is wanted.
    pub(super) fn go_on(&self, task: &mut Context<'_>, wanted: impl Fn(&State) -> bool) {
        let mut run = lock(&self.run);
        while let Some(Run { frames, span, .. }) = &mut *run
            && wanted(&lock(&self.state))
        {
            match span.in_scope(|| frames.as_mut().poll_next(task)) {
                Poll::Ready(Some(frame)) => lock(&self.state).kept.push(&frame),
                Poll::Ready(None) => {
                    *run = None;
                    lock(&self.state).over = true;
                    self.alone.wake();
                }
                Poll::Pending => return,
            }
        }
    }

    /// Lets the run go on while no client does, as long as there is room for its frames. Completes when it is over.
    pub(super) async fn go_on_alone(&self) {
        poll_fn(|task| {
            self.alone.register(task.waker());
            self.go_on(task, |state| state.left.is_some() && !state.kept.is_full_after(state.read));
            if self.is_over() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// A client has left. If it is the last one that came, the run goes on alone.
    pub(super) fn left(&self, reader: u64) {
        let mut state = lock(&self.state);
        if state.reader == reader {
            state.left = Some(Instant::now());
            drop(state);
            self.alone.wake();
        }
    }

    /// Completes when no client has read for this long.
    pub(super) async fn abandoned(&self, wait: Duration) {
        loop {
            let left = lock(&self.state).left;
            match left {
                Some(left) if left.elapsed() >= wait => return,
                Some(left) => tokio::time::sleep(wait.saturating_sub(left.elapsed())).await,
                None => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Ends the run, if it is not over.
    pub(super) fn end(&self) {
        let run = lock(&self.run).take();
        drop(run);
        let mut state = lock(&self.state);
        state.over = true;
        let waiting = state.waiting.take();
        drop(state);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}
