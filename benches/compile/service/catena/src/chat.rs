//! Conversations that are remembered, as a whole and as a stream.

use crate::{app::App, failure::Failure, models::Models};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::sse::{Event, KeepAlive, Sse},
};
use catena::{Config, prelude::*};
use catena_llm::{
    Message, MessageChunk, Messages,
    memory::{HistoryExt, HistoryStore, InMemoryHistory, SESSION, Trim, Turn},
    prompt,
};
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, sync::Arc};

#[derive(Deserialize)]
pub(crate) struct Said {
    text: String,
}

#[derive(Serialize)]
pub(crate) struct Reply {
    text: String,
}

pub(crate) fn chain(
    models: &Models,
    history: InMemoryHistory,
) -> impl Runnable<String, Output = Message, Chunk = MessageChunk> + use<> {
    let ask = prompt!(system: "You chat with a customer of a shop.", ..history, user: "{input}");
    chain!(Turn<String> => ask | models.careful()).with_history(history, &SESSION).trimmed(Trim::messages(20))
}

impl App {
    fn turn(&self, name: &'static str, session: String) -> Config {
        self.run(name).set(&SESSION, Some(session))
    }
}

pub(crate) async fn get(State(app): State<Arc<App>>, Path(session): Path<String>) -> Result<Json<Messages>, Failure> {
    Ok(Json(app.history.get(&session).await?))
}

pub(crate) async fn delete(State(app): State<Arc<App>>, Path(session): Path<String>) -> Result<StatusCode, Failure> {
    app.history.clear(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Path(session): Path<String>,
    Json(Said { text }): Json<Said>,
) -> Result<Json<Reply>, Failure> {
    let answer = app.chat.invoke_with(text, app.turn("chat", session)).await?;
    Ok(Json(Reply { text: answer.text().to_owned() }))
}

/// The pieces of the answer as they come, as events; then an event `end`, or an event `failure`.
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    Path(session): Path<String>,
    Json(Said { text }): Json<Said>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let chunks = app.chat.stream_owned_with(text, app.turn("chat stream", session));
    let pieces = chunks.filter_map(async |chunk| match chunk {
        Ok(chunk) if chunk.text.is_empty() => None,
        Ok(chunk) => Some(Ok(Event::default().event("piece").data(chunk.text))),
        Err(error) => Some(Ok(Event::default().event("failure").data(error.message()))),
    });
    let end = futures_util::stream::once(async { Ok(Event::default().event("end").data("complete")) });
    Sse::new(pieces.chain(end)).keep_alive(KeepAlive::default())
}
