//! A support desk as a web service: one chain behind axum, with tokens and steps as server-sent events, and memory.
//!
//! ```text
//! cargo run --release --example support_desk                # without `OPENAI_API_KEY` it starts a simulated model
//! cargo run --release --example support_desk -- --graph     # draws the chain
//! ```
//!
//! The README beside this file has a `curl` for each route.

mod db;
mod desk;
mod simulated;
#[cfg(test)]
mod tests;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response, Sse, sse},
    routing::{get, post},
};
use catena::{Config, ErrorKind, Event, prelude::*};
use catena_llm::{
    Messages,
    memory::{HistoryStore, SESSION, SqliteHistory},
};
use desk::{Ask, support_desk};
use futures_util::{Stream, TryStreamExt};
use std::{sync::Arc, time::Duration};

/// The status of a failed run. The client gets neither causes nor the paths of steps.
struct Failed(catena::Error);

impl From<catena::Error> for Failed {
    fn from(error: catena::Error) -> Self {
        Failed(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        eprintln!("{:?}", self.0);
        let status = match self.0.kind() {
            ErrorKind::RateLimited { .. } | ErrorKind::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Timeout { .. } | ErrorKind::Deadline => StatusCode::GATEWAY_TIMEOUT,
            ErrorKind::BadInput => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, self.0.kind().name()).into_response()
    }
}

fn settings(session: String) -> Config {
    Config::new().set(&SESSION, Some(session)).deadline(Duration::from_mins(1)).tag("web")
}

/// The routes around a chain; a new chain needs no new code here.
fn routes<R: Runnable<Ask, Output = String> + 'static>(chain: R, history: SqliteHistory) -> Router {
    async fn ask<R: Runnable<Ask, Output = String>>(
        State(chain): State<Arc<R>>,
        Path(session): Path<String>,
        Json(ask): Json<Ask>,
    ) -> Result<String, Failed> {
        Ok(chain.invoke_with(ask, settings(session)).await?)
    }
    async fn events<R: Runnable<Ask> + 'static>(
        State(chain): State<Arc<R>>,
        Path(session): Path<String>,
        Query(ask): Query<Ask>,
    ) -> Sse<impl Stream<Item = catena::Result<sse::Event>>> {
        let events = chain.events_owned_with(ask, settings(session));
        Sse::new(events.and_then(async |event: Event| {
            Ok(sse::Event::default().event(event.event()).json_data(&event).map_err(catena::Error::other)?)
        }))
    }
    let drawn = chain.graph().svg();
    let said = async move |Path(session): Path<String>| -> Result<Json<Messages>, Failed> {
        Ok(Json(history.get(&session).await?))
    };
    Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/ask/{session}", post(ask::<R>))
        .route("/events/{session}", get(events::<R>))
        .route("/history/{session}", get(said))
        .route("/graph", get(|| async { ([("content-type", "image/svg+xml")], drawn) }))
        .with_state(Arc::new(chain))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (model, backup, _simulator) = simulated::models(false).await?;
    let folder = std::env::temp_dir();
    let history = SqliteHistory::open(folder.join("support_desk_history.db")).await?;
    let db = db::Db::open(folder.join("support_desk_shop.db"))?;
    let chain = support_desk(model, backup, db, history.clone())?;
    if std::env::args().any(|argument| argument == "--graph") {
        print!("{}", chain.graph().text());
        return Ok(());
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("The support desk is open at http://{}", listener.local_addr()?);
    axum::serve(listener, routes(chain, history)).await?;
    Ok(())
}
