//! A server with one handler, which is a chain, or the same by hand: `server chain`, `server hand`. It says where it listens, and
//! serves on one thread until `/stop` is asked for.

use axum::{Router, extract::Path, http::StatusCode, routing::get};
use catena::{Result, prelude::*};
use futures_util::try_join;
use std::{future::Future, sync::Arc};
use tokio::{net::TcpListener, sync::Notify};

#[runnable]
fn prompt(question: String) -> String {
    format!("Answer in one sentence: {question}")
}

/// Waits for its turn once, as anything that asks a server does.
#[runnable]
async fn model(prompt: &str) -> Result<String> {
    tokio::task::yield_now().await;
    Ok(format!("answer: {prompt}"))
}

#[runnable]
fn merge(first: String, second: String) -> String {
    format!("{first}\n{second}")
}

fn chain() -> impl Runnable<String, Output = String> {
    chain!(String => prompt | <first: model, second: model> | merge)
}

async fn by_hand(question: String) -> Result<String> {
    let asked = prompt::function(question);
    let (first, second) = try_join!(model::function(&asked), model::function(&asked))?;
    Ok(merge::function(first, second))
}

async fn answer(answer: impl Future<Output = Result<String>>) -> std::result::Result<String, (StatusCode, String)> {
    answer.await.map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}

fn routes(which: &str) -> Option<Router> {
    let handler = match which {
        "chain" => {
            let chain = Arc::new(chain());
            get(move |Path(question)| async move { answer(chain.invoke(question)).await })
        }
        "hand" => get(|Path(question)| answer(by_hand(question))),
        _ => return None,
    };
    Some(Router::new().route("/answers/{question}", handler))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let which = std::env::args().nth(1).unwrap_or_default();
    let routes = routes(&which).ok_or("usage: server <chain|hand>")?;
    let stop = Arc::new(Notify::new());
    let told = Arc::clone(&stop);
    let routes = routes.route("/stop", get(move || async move { told.notify_one() }));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, routes).with_graceful_shutdown(async move { stop.notified().await }).await?;
    Ok(())
}
