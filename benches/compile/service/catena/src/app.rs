//! What the handlers share, and where they are found.

use crate::{answers, assistant, chat, compare, models::Models, reviews, tickets};
use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use catena::{BoxRunnable, Config, Latency, Result, Spans, prelude::*};
use catena_llm::{AgentAnswer, Message, MessageChunk, memory::InMemoryHistory};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The chains, what they remember, and how long they take.
pub(crate) struct App {
    pub(crate) answer: BoxRunnable<answers::Question, answers::Answer>,
    pub(crate) compare: BoxRunnable<compare::Question, compare::Comparison>,
    pub(crate) handle: BoxRunnable<String, tickets::Handled>,
    pub(crate) chat: Arc<BoxRunnable<String, Message, MessageChunk>>,
    pub(crate) history: InMemoryHistory,
    pub(crate) review: BoxRunnable<String, reviews::Review>,
    pub(crate) assistant: BoxRunnable<String, AgentAnswer>,
    latency: Latency,
}

impl App {
    pub(crate) fn new(models: &Models) -> Result<Arc<Self>> {
        let history = InMemoryHistory::new();
        Ok(Arc::new(App {
            answer: answers::chain(models).boxed(),
            compare: compare::chain(models).boxed(),
            handle: tickets::chain(models).boxed(),
            chat: Arc::new(chat::chain(models, history.clone()).boxed_stream()),
            history,
            review: reviews::chain(models).boxed(),
            assistant: assistant::agent(models)?.boxed(),
            latency: Latency::new(),
        }))
    }

    /// How a request runs: timed, traced, and not for longer than a client waits.
    pub(crate) fn run(&self, name: &'static str) -> Config {
        let config = Config::new().run_name(name).deadline(Duration::from_secs(90));
        config.observe(self.latency.clone()).observe(Spans)
    }
}

pub(crate) fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/answers", post(answers::post))
        .route("/compare", post(compare::post))
        .route("/tickets", post(tickets::post))
        .route("/chats/{session}", get(chat::get).post(chat::post).delete(chat::delete))
        .route("/chats/{session}/stream", post(chat::stream))
        .route("/reviews", post(reviews::post))
        .route("/assistant", post(assistant::post))
        .route("/latency", get(latency))
        .with_state(app)
}

#[derive(Serialize)]
struct Times {
    runs: usize,
    errors: usize,
    max_ms: u128,
}

/// The times of the requests, and not of the steps in them.
async fn latency(State(app): State<Arc<App>>) -> Json<BTreeMap<String, Times>> {
    let requests = app.latency.steps().into_iter().filter(|(path, _)| !path.contains('.'));
    Json(
        requests
            .map(|(name, time)| (name, Times { runs: time.runs, errors: time.errors, max_ms: time.max.as_millis() }))
            .collect(),
    )
}
