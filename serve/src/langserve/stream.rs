//! `stream`: the chunks of the output as they come.

use super::{Door, envelope::One, messages, read_input};
use crate::{
    failure::Failure,
    request::{Settings, read_json},
    response::{Frame, respond},
};
use axum::{extract::Request, response::Response};
use futures_util::{Stream, StreamExt, stream};
use serde_json::json;
use std::{future::ready, sync::Arc};

pub(super) async fn answer(door: Arc<Door>, request: Request) -> Result<Response, Failure> {
    let Door { gate, served } = &*door;
    let entered = gate.enter(request).await?;
    let One { input, config, .. } = read_json::<One<'_>>(&entered.headers, &entered.body)?.checked()?;
    let settings = Settings::read("config", config.unwrap_or_default(), served, &gate.limits)?;
    let call = read_input(served, input.get(), "input")?;
    let run_id = settings.run_id.unwrap_or(entered.run_id);
    let pieces = call.pieces(settings.config.within(entered.config).run_id(run_id));
    let metadata = Frame::json(&json!({ "run_id": run_id })).named("metadata");
    let frames = pieces.map(|piece| piece.map(|piece| Frame::data(messages::piece(piece)).named("data")));
    let frames = stream::once(ready(metadata)).chain(ended(frames, &door));
    Ok(respond(gate, run_id, None, frames, entered.permit))
}

/// The frames of a run, with an error or an end as the last.
pub(super) fn ended<S: Stream<Item = catena::Result<Frame>> + Send + 'static>(
    frames: S,
    door: &Door,
) -> impl Stream<Item = Frame> + Send + 'static + use<S> {
    let gate = Arc::clone(&door.gate);
    let end = stream::once(ready(Ok(Frame::event("end"))));
    frames.chain(end).scan(false, move |over, frame| {
        ready(match frame {
            _ if *over => None,
            Ok(frame) => Some(frame),
            Err(error) => {
                *over = true;
                Some(failed(&gate.failure(&error)))
            }
        })
    })
}

/// The error as an event. LangServe's clients read the status and the message.
fn failed(failure: &Failure) -> Frame {
    let error = json!({ "status_code": failure.status.as_u16(), "message": failure.message, "code": failure.code });
    Frame::json(&error).named("error")
}
