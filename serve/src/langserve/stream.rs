//! `stream`: the chunks of the output as they come.

use super::{asked::Asked, messages};
use crate::{
    failure::Failure,
    request::Door,
    response::{Encoder, Frame, Frames, encoded, respond},
};
use axum::{extract::State, response::Response};
use catena::{Result, RunId};
use futures_util::StreamExt;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn answer(State(door): State<Arc<Door>>, asked: Asked) -> Response {
    let (call, config, ticket) = asked.run();
    let data = call.pieces(config).map(|piece| Ok(Frame::data(messages::piece(piece?)?)));
    let frames = encoded(data.boxed(), Events { run_id: Some(ticket.run_id) }, &door.gate);
    respond(&door.gate, &door.served, ticket, None, frames)
}

/// The encoder of LangServe's events: `metadata` with the id of the run, if there is one, `data` for each item, and
/// `end` or `error`.
pub(super) struct Events {
    pub(super) run_id: Option<RunId>,
}

impl Encoder<Frame> for Events {
    fn begin(&mut self, frames: &mut Frames) {
        if let Some(run_id) = self.run_id {
            frames.push_back(Frame::json(&json!({ "run_id": run_id })).named("metadata"));
        }
    }

    fn item(&mut self, data: Frame, frames: &mut Frames) -> Result<()> {
        frames.push_back(data.named("data"));
        Ok(())
    }

    fn end(&mut self, frames: &mut Frames) {
        frames.push_back(Frame::event("end"));
    }

    /// LangServe's clients read the status and the message.
    fn fail(&mut self, failure: &Failure, frames: &mut Frames) {
        let error = json!({ "status_code": failure.status.as_u16(), "message": failure.message, "code": failure.code });
        frames.push_back(Frame::json(&error).named("error"));
    }
}
