//! A stream of frames as a response.

use super::{Frame, StreamKey, guarded::Guarded};
use crate::{
    chain::Served,
    request::{Gate, Ticket},
};
use axum::{
    body::{Body, Bytes},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::Response,
};
use futures_util::{Stream, StreamExt, stream};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Interval, MissedTickBehavior};

/// The interval at which an idle stream sends a comment, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The maximum number of ready frames in one write.
pub(super) const IN_ONE_WRITE: usize = 32;

/// Responds with frames as they come. The ticket is held until the last one, until the client leaves, or until shortly
/// after the deadline.
///
/// If streams can be resumed, this one can, under the id of its run, and as the last stream of its chat if it has one.
pub(crate) fn respond(
    gate: &Gate,
    served: &Served,
    ticket: Ticket,
    chat: Option<String>,
    frames: impl Stream<Item = Frame> + Send + 'static,
) -> Response {
    let deadline = gate.limits.deadline;
    let Ticket { permit, run_id, holder } = ticket;
    if let Some((streams, holder)) = gate.streams.as_ref().zip(holder) {
        let id = run_id.to_string();
        let names = chat.into_iter().chain([id.clone()]);
        let keys = names.map(|name| StreamKey::new(&served.name, holder.clone(), name)).collect();
        let mut response = event_stream(streams.start(keys, frames, permit, deadline));
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-stream-id", id);
        }
        return response;
    }
    // Chunks that are ready are written at once; a pending one never waits for others.
    let writes = frames.ready_chunks(IN_ONE_WRITE).map(|frames| {
        let mut text = String::with_capacity(frames.iter().map(Frame::size).sum());
        for frame in &frames {
            frame.write(&mut text);
        }
        Bytes::from(text)
    });
    event_stream(Guarded::new(writes.boxed(), permit, deadline))
}

/// Responds with events that are written already.
pub(crate) fn event_stream(events: impl Stream<Item = Bytes> + Send + Unpin + 'static) -> Response {
    let body = Body::from_stream(KeptAlive::new(events).map(Ok::<_, Infallible>));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies of the nginx kind would collect the frames.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// A stream with comments in between if there is no news.
struct KeptAlive<S> {
    stream: stream::Fuse<S>,
    silence: Interval,
}

impl<S: Stream> KeptAlive<S> {
    fn new(stream: S) -> Self {
        let mut silence = tokio::time::interval(KEEP_ALIVE);
        silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
        silence.reset();
        KeptAlive { stream: stream.fuse(), silence }
    }
}

impl<S: Stream<Item = Bytes> + Unpin> Stream for KeptAlive<S> {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Poll::Ready(item) = self.stream.poll_next_unpin(task) {
            return Poll::Ready(item);
        }
        if self.silence.poll_tick(task).is_ready() {
            return Poll::Ready(Some(Bytes::from_static(b": keep-alive\n\n")));
        }
        Poll::Pending
    }
}
