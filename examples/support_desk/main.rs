//! A support desk as a web service: one chain behind axum, with its tokens and steps as server-sent events.
//! The README in this folder says how to run it, and has a `curl` for each route.

mod db;
mod desk;
mod simulated;
#[cfg(test)]
mod tests;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, Sse, sse},
    routing::{get, post},
    serve::ListenerExt,
};
use catena::{BoxRunnable, Config, Error, ErrorKind, prelude::*};
use catena_llm::memory::{HistoryStore, SESSION, SqliteHistory};
use db::Db;
use desk::{Ask, support_desk};
use futures_util::{Stream, StreamExt};
use std::{io, sync::Arc, time::Duration};
use tokio::net::TcpListener;

type Desk = State<Arc<BoxRunnable<Ask, String>>>;
type Failed = (StatusCode, &'static str);

fn settings(session: String) -> Config {
    Config::new().set(&SESSION, Some(session)).deadline(Duration::from_mins(1)).tag("web")
}

/// The client gets the kind of an error; the path of the step and the causes go to the log.
fn failed(error: &Error) -> Failed {
    eprintln!("{error:?}");
    let status = match error.kind() {
        ErrorKind::RateLimited { .. } | ErrorKind::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Timeout { .. } | ErrorKind::Deadline => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::BadInput => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, error.kind().name())
}

async fn ask(State(desk): Desk, Path(session): Path<String>, Json(ask): Json<Ask>) -> Result<String, Failed> {
    desk.invoke_with(ask, settings(session)).await.map_err(|error| failed(&error))
}

async fn events(
    State(desk): Desk,
    Path(session): Path<String>,
    Query(ask): Query<Ask>,
) -> Sse<impl Stream<Item = catena::Result<sse::Event>>> {
    Sse::new(desk.events_owned_with(ask, settings(session)).map(|event| {
        let event = event?;
        sse::Event::default().event(event.event()).json_data(&event).map_err(Error::other)
    }))
}

fn routes(desk: impl Runnable<Ask, Output = String, Chunk = String> + 'static, history: SqliteHistory) -> Router {
    let drawn = desk.graph().svg();
    let history =
        async move |Path(session): Path<String>| history.get(&session).await.map(Json).map_err(|error| failed(&error));
    Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/ask/{session}", post(ask))
        .route("/events/{session}", get(events))
        .route("/history/{session}", get(history))
        .route("/graph", get(|| async { ([("content-type", "image/svg+xml")], drawn) }))
        .with_state(Arc::new(desk.boxed_stream()))
}

/// Serves until the program is asked to end. Runs in flight then come to their ends, for which they have a minute at most.
async fn serve(
    listener: TcpListener,
    routes: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Else a small chunk waits until the client has acknowledged the one before.
    let listener = listener.tap_io(|stream| _ = stream.set_nodelay(true));
    axum::serve(listener, routes.into_make_service()).with_graceful_shutdown(end).await
}

/// Completes on Ctrl-C, and on the `SIGTERM` of a supervisor.
async fn asked_to_end() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! { _ = tokio::signal::ctrl_c() => return, _ = terminated.recv() => return }
    }
    _ = tokio::signal::ctrl_c().await;
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (model, backup, _simulator) = simulated::models(false).await?;
    let folder = std::env::temp_dir();
    let history = SqliteHistory::open(folder.join("support_desk_history.db")).await?;
    let desk = support_desk(model, backup, Db::open(folder.join("support_desk_shop.db"))?, history.clone())?;
    if std::env::args().any(|argument| argument == "--graph") {
        print!("{}", desk.graph());
        return Ok(());
    }
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("The support desk is open at http://{}", listener.local_addr()?);
    Ok(serve(listener, routes(desk, history), asked_to_end()).await?)
}
