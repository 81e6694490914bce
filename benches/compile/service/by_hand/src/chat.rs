//! Conversations that are remembered, as a whole and as a stream.

use crate::{app::App, failure::Failure};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::sse::{Event, KeepAlive, Sse},
};
use catena_llm::{ChatRequest, Message, Role};
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::mpsc;

/// How many messages of a conversation a model is shown.
const SHOWN: usize = 20;

#[derive(Deserialize)]
pub(crate) struct Said {
    text: String,
}

#[derive(Serialize)]
pub(crate) struct Reply {
    text: String,
}

/// What was said, by session.
#[derive(Default)]
pub(crate) struct History(Mutex<HashMap<String, Vec<Message>>>);

impl History {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Message>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The instructions, the newest turns, and what is said now.
    fn request(&self, session: &str, text: &str) -> ChatRequest {
        let mut messages = vec![Message::system("You chat with a customer of a shop.")];
        if let Some(history) = self.lock().get(session) {
            let newest = history.iter().skip(history.len().saturating_sub(SHOWN));
            messages.extend(newest.skip_while(|message| *message.role() != Role::User).cloned());
        }
        messages.push(Message::user(text));
        ChatRequest::new(messages)
    }

    fn add(&self, session: String, text: String, answer: Message) {
        self.lock().entry(session).or_default().extend([Message::user(text), answer]);
    }
}

pub(crate) async fn get(State(app): State<Arc<App>>, Path(session): Path<String>) -> Json<Vec<Message>> {
    Json(app.history.lock().get(&session).cloned().unwrap_or_default())
}

pub(crate) async fn delete(State(app): State<Arc<App>>, Path(session): Path<String>) -> StatusCode {
    app.history.lock().remove(&session);
    StatusCode::NO_CONTENT
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Path(session): Path<String>,
    Json(Said { text }): Json<Said>,
) -> Result<Json<Reply>, Failure> {
    let request = app.history.request(&session, &text);
    let answer = app.run("chat", app.models.careful(request)).await?;
    let reply = Reply { text: answer.text().to_owned() };
    app.history.add(session, text, answer);
    Ok(Json(reply))
}

/// The pieces of the answer as they come, as events; then an event `end`, or an event `failure`.
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    Path(session): Path<String>,
    Json(Said { text }): Json<Said>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (send, chunks) = mpsc::channel(16);
    tokio::spawn(async move {
        let request = app.history.request(&session, &text);
        match app.run("chat stream", app.models.careful_stream(request, &send)).await {
            Ok(answer) => app.history.add(session, text, Message::assistant(answer)),
            // The client may have left.
            Err(error) => drop(send.send(Err(error)).await),
        }
    });
    let chunks = stream::unfold(chunks, async |mut chunks| Some((chunks.recv().await?, chunks)));
    let pieces = chunks.filter_map(async |chunk| match chunk {
        Ok(chunk) if chunk.text.is_empty() => None,
        Ok(chunk) => Some(Ok(Event::default().event("piece").data(chunk.text))),
        Err(error) => Some(Ok(Event::default().event("failure").data(error.message()))),
    });
    let end = stream::once(async { Ok(Event::default().event("end").data("complete")) });
    Sse::new(pieces.chain(end)).keep_alive(KeepAlive::default())
}
