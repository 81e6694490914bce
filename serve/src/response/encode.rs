//! A run as frames, in the way of one protocol.

use super::Frame;
use crate::{failure::Failure, request::Gate};
use catena::Result;
use futures_util::{Stream, StreamExt, stream::BoxStream};
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// Frames that are written, in order.
pub(crate) type Frames = VecDeque<Frame>;

/// An encoder of runs. It writes the items of a run as the frames of a protocol.
pub(crate) trait Encoder<T>: Send + Unpin + 'static {
    /// Writes the frames before the first item.
    fn begin(&mut self, frames: &mut Frames);
    /// Writes an item. An error ends the run as if it had failed.
    fn item(&mut self, item: T, frames: &mut Frames) -> Result<()>;
    /// Writes the frames after the last item.
    fn end(&mut self, frames: &mut Frames);
    /// Writes the frames of a run that failed.
    fn fail(&mut self, failure: &Failure, frames: &mut Frames);
}

/// The frames of a run.
pub(crate) struct Encoded<T, E> {
    /// `None` once the run is over. A run that failed is dropped before its failure is written.
    run: Option<BoxStream<'static, Result<T>>>,
    encoder: E,
    gate: Arc<Gate>,
    frames: Frames,
}

/// Returns a run as frames, with an end or a failure as the last.
pub(crate) fn encoded<T, E: Encoder<T>>(
    run: BoxStream<'static, Result<T>>,
    mut encoder: E,
    gate: &Arc<Gate>,
) -> Encoded<T, E> {
    let mut frames = Frames::new();
    encoder.begin(&mut frames);
    Encoded { run: Some(run), encoder, gate: Arc::clone(gate), frames }
}

impl<T, E: Encoder<T>> Stream for Encoded<T, E> {
    type Item = Frame;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Frame>> {
        let Encoded { run, encoder, gate, frames } = &mut *self;
        loop {
            if let Some(frame) = frames.pop_front() {
                return Poll::Ready(Some(frame));
            }
            let Some(items) = run else { return Poll::Ready(None) };
            let Some(item) = ready!(items.poll_next_unpin(task)) else {
                *run = None;
                encoder.end(frames);
                continue;
            };
            if let Err(error) = item.and_then(|item| encoder.item(item, frames)) {
                *run = None;
                encoder.fail(&gate.failure(&error), frames);
            }
        }
    }
}
