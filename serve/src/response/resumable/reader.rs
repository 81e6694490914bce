//! A client that reads a stream.

use super::{super::IN_ONE_WRITE, NotResumed, live::Live};
use crate::lock::lock;
use axum::body::Bytes;
use futures_util::Stream;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// A client that reads a stream, and lets its run go on.
pub(crate) struct Reader {
    number: u64,
    /// The number of the next frame.
    position: u64,
    live: Arc<Live>,
}

impl Reader {
    /// The client that a stream begins with.
    pub(super) fn first(live: Arc<Live>) -> Self {
        Reader { number: 0, position: 0, live }
    }

    /// A client that reads the frames from a number on. Another that reads them ends.
    pub(super) fn resuming(live: Arc<Live>, from: u64) -> Result<Self, NotResumed> {
        let mut state = lock(&live.state);
        state.kept.has(from)?;
        state.reader += 1;
        state.left = None;
        state.read = from;
        let number = state.reader;
        // The client that read until now sees that it is not the one any more.
        let waiting = state.waiting.take();
        drop(state);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
        Ok(Reader { number, position: from, live })
    }
}

impl Stream for Reader {
    type Item = Bytes;

    /// Returns the frames that are ready, in one text.
    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Reader { number, position, live } = &mut *self;
        let most = *position + IN_ONE_WRITE as u64;
        live.go_on(task, |state| state.reader == *number && state.kept.next() < most);
        let mut state = lock(&live.state);
        if state.reader != *number {
            return Poll::Ready(None);
        }
        let read = most.min(state.kept.next());
        if *position < read {
            let text = state.kept.read(*position..read);
            state.read = read;
            *position = read;
            return Poll::Ready(Some(text));
        }
        if state.over {
            return Poll::Ready(None);
        }
        match &mut state.waiting {
            Some(waiting) => waiting.clone_from(task.waker()),
            none => *none = Some(task.waker().clone()),
        }
        Poll::Pending
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.live.left(self.number);
    }
}
