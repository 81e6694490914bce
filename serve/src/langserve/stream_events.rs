//! `stream_events`: the events of all steps as they come.

use super::{asked::Asked, envelope::Filter, messages, scrub, stream};
use crate::{
    chain::caught,
    failure::Failure,
    request::Door,
    response::{Frame, encoded, respond},
};
use axum::{extract::State, response::Response};
use catena::{Events, RunKind};
use futures_util::StreamExt;
use std::sync::Arc;

pub(super) async fn answer(State(door): State<Arc<Door>>, asked: Asked) -> Result<Response, Failure> {
    let filter = asked.filter()?;
    let (call, config, ticket) = asked.run();
    let events = filtered(call.events(config), filter)?;
    let debug = door.gate.debug;
    let data = caught(events).map(move |event| {
        let mut json = serde_json::to_value(event?)?;
        scrub::event(&mut json, debug);
        messages::event(&mut json);
        Ok(Frame::json(&json))
    });
    let frames = encoded(data.boxed(), stream::Events { run_id: None }, &door.gate);
    Ok(respond(&door.gate, &door.served, ticket, None, frames))
}

fn filtered(mut events: Events<'static>, filter: Filter) -> Result<Events<'static>, Failure> {
    if let Some(names) = filter.include_names {
        events = events.include_names(names);
    }
    if let Some(types) = filter.include_types {
        events = events.include_kinds(kinds("include_types", &types)?);
    }
    if let Some(tags) = filter.include_tags {
        events = events.include_tags(tags);
    }
    if let Some(names) = filter.exclude_names {
        events = events.exclude_names(names);
    }
    if let Some(types) = filter.exclude_types {
        events = events.exclude_kinds(kinds("exclude_types", &types)?);
    }
    if let Some(tags) = filter.exclude_tags {
        events = events.exclude_tags(tags);
    }
    Ok(events)
}

fn kinds(place: &str, names: &[String]) -> Result<Vec<RunKind>, Failure> {
    const KINDS: [RunKind; 6] =
        [RunKind::Chain, RunKind::Prompt, RunKind::ChatModel, RunKind::Parser, RunKind::Tool, RunKind::Retriever];
    let kind = |name: &String| {
        // LangChain calls all models `llm` in filters of callbacks.
        let name = if name == "llm" { "chat_model" } else { name };
        KINDS.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let known = KINDS.map(RunKind::name).join(", ");
            Failure::unprocessable(format!("there is no type of steps `{name}`, only {known}")).at(place)
        })
    };
    names.iter().map(kind).collect()
}
