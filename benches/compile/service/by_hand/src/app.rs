//! What the handlers share, and where they are found.

use crate::{answers, assistant, chat, compare, models::Models, reviews, tickets};
use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use catena::{Error, ErrorKind, Result};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tracing::Instrument;

/// For how long a client waits.
const DEADLINE: Duration = Duration::from_secs(90);

/// The models, what they have said, and how long they take.
pub(crate) struct App {
    pub(crate) models: Models,
    pub(crate) history: chat::History,
    latency: Mutex<BTreeMap<&'static str, Times>>,
}

impl App {
    pub(crate) fn new(models: Models) -> Arc<Self> {
        Arc::new(App { models, history: chat::History::default(), latency: Mutex::default() })
    }

    /// Runs a request: timed, traced, and not for longer than a client waits.
    pub(crate) async fn run<T>(&self, name: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let start = Instant::now();
        let work = work.instrument(tracing::info_span!("run", name));
        let outcome = tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Deadline, format!("the run's deadline of {DEADLINE:?} has passed")))
        });
        let time = start.elapsed().as_millis();
        let mut latency = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        let times = latency.entry(name).or_default();
        times.runs += 1;
        times.errors += usize::from(outcome.is_err());
        times.max_ms = times.max_ms.max(time);
        outcome
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

#[derive(Clone, Copy, Default, Serialize)]
struct Times {
    runs: usize,
    errors: usize,
    max_ms: u128,
}

/// The times of the requests.
async fn latency(State(app): State<Arc<App>>) -> Json<BTreeMap<&'static str, Times>> {
    Json(app.latency.lock().unwrap_or_else(PoisonError::into_inner).clone())
}
