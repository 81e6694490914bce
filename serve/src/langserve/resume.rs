//! A stream that goes on after its client has come back.

use super::Door;
use crate::{
    failure::Failure,
    response::{NotResumed, event_stream},
};
use axum::{
    extract::{Path, Request},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use futures_util::StreamExt;
use std::sync::Arc;

/// `GET streams/<id>`, with `Last-Event-ID`.
pub(super) fn stream(door: &Arc<Door>) -> MethodRouter {
    let door = Arc::clone(door);
    get(move |Path(id): Path<String>, request: Request| async move {
        resume(&door, &id, request).unwrap_or_else(Failure::into_response)
    })
}

fn resume(door: &Door, id: &str, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    // Who may not run a chain may not read its stream.
    door.gate.configure(&parts)?;
    let unknown = || Failure::not_found("there is no such stream, or it ended too long ago");
    let streams = door.gate.streams.as_ref().ok_or_else(unknown)?;
    match streams.resume(id, last_event(&parts.headers)?) {
        Ok(events) => Ok(event_stream(events.boxed())),
        Err(NotResumed::Unknown) => Err(unknown()),
        Err(NotResumed::Gone) => {
            Err(Failure::new(StatusCode::GONE, "gone", "the events after `Last-Event-ID` are not kept any more"))
        }
        Err(NotResumed::Invalid) => Err(invalid()),
    }
}

fn last_event(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let Some(id) = headers.get("last-event-id") else { return Ok(None) };
    let number = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    number.map(Some).ok_or_else(invalid)
}

fn invalid() -> Failure {
    Failure::bad_request("`Last-Event-ID` is not the id of an event of this stream").at("Last-Event-ID")
}
