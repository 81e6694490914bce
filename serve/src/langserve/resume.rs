//! A stream that goes on after its client has come back.

use crate::{
    failure::Failure,
    request::Door,
    response::{NotResumed, StreamKey, event_stream},
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::Response,
};
use std::sync::Arc;

/// `GET streams/<id>`, with `Last-Event-ID`.
pub(super) async fn stream(
    State(door): State<Arc<Door>>,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<Response, Failure> {
    let holder = door.gate.holder(&parts)?;
    let unknown = || Failure::not_found("there is no such stream, or it ended too long ago");
    let streams = door.gate.streams.as_ref().ok_or_else(unknown)?;
    let key = StreamKey::new(&door.served.name, holder, id);
    match streams.resume(&key, last_event(&parts.headers)?) {
        Ok(events) => Ok(event_stream(events)),
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
