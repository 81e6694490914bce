//! Three chains behind all doors: a comparison of models, answers from texts, and an agent with tools.
//!
//! ```text
//! cargo run --release --example serve
//! ```
//!
//! Then open <http://127.0.0.1:8000/compare/>, or ask by `curl` as the README of `catena-serve` shows. No keys are needed: the program
//! starts a simulator of the providers' protocols on loopback, and asks that over real HTTP. With `OPENAI_API_KEY`,
//! `ANTHROPIC_API_KEY` and `GEMINI_API_KEY` it asks the real ones.

mod chains;
#[path = "../agent_with_tools/excursion.rs"]
mod excursion;
#[path = "../rag/library.rs"]
mod library;
mod models;
#[cfg(test)]
mod tests;

use catena_serve::Server;
use models::Models;
use std::path::Path;

const ADDRESS: &str = "127.0.0.1:8000";

/// The server, with the chains over these models.
async fn server(models: &Models) -> catena::Result<Server> {
    let texts = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/library"));
    let (words, vectors) = library::index(texts, None, models.embeddings.clone()).await?;
    Ok(Server::new()
        .title("Catena's example")
        .chain("compare", chains::compare(models))
        .describe("Asks three models the same, and says how many of them agree.")
        .chain("rag", chains::rag(words, vectors, &models.gpt))
        .describe("Answers from a small library of texts, with its sources.")
        .chain("agent", chains::agent(&models.gpt)?)
        .describe("Plans an excursion: looks up the weather and trains."))
}

#[tokio::main]
async fn main() -> catena::Result<()> {
    let models = Models::new().await?;
    let server = server(&models).await?;
    println!("{}\n\nhttp://{ADDRESS}/compare/\nhttp://{ADDRESS}/rag/\nhttp://{ADDRESS}/agent/", models.note);
    server.serve(ADDRESS).await
}
