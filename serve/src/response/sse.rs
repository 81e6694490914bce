//! A stream of frames as a response.

use super::{Frame, guarded::Guarded};
use crate::request::Gate;
use axum::{
    body::{Body, Bytes},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::Response,
};
use catena::RunId;
use futures_util::{Stream, StreamExt, stream};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Interval, MissedTickBehavior},
};

/// The interval at which an idle stream sends a comment, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The maximum number of ready frames in one write.
const IN_ONE_WRITE: usize = 32;

/// Responds with frames as they come. The permit is held until the last one, until the client leaves, or until shortly after the
/// deadline.
///
/// If streams can be resumed, this one can, under the name of its run and the others.
pub(crate) fn respond(
    gate: &Gate,
    run: RunId,
    others: impl IntoIterator<Item = String>,
    frames: impl Stream<Item = Frame> + Send + 'static,
    permit: OwnedSemaphorePermit,
) -> Response {
    let deadline = gate.limits.deadline;
    if let Some(streams) = &gate.streams {
        let names: Vec<String> = others.into_iter().chain([run.to_string()]).collect();
        let mut response = event_stream(streams.start(&names, frames, permit, deadline).boxed());
        if let Ok(run) = HeaderValue::from_str(&run.to_string()) {
            response.headers_mut().insert("x-stream-id", run);
        }
        return response;
    }
    // Chunks that are ready are written at once; a pending one never waits for others.
    let writes = frames.ready_chunks(IN_ONE_WRITE).map(|frames| {
        let mut text = String::new();
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
