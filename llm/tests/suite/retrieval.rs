//! Documents: indexed, found, merged, cut, and their vectors over real HTTP.
#![cfg(all(feature = "providers", feature = "simulator", feature = "sqlite", feature = "splitters"))]

mod bm25;
mod contract;
mod documents;
mod east_asian;
mod embeddings;
mod fuse;
#[cfg(all(unix, feature = "pgvector"))]
mod pgvector;
#[cfg(feature = "qdrant")]
mod qdrant;
mod retrievers;
mod splitter;
mod sync;
mod vectors;

use catena_llm::retrieval::Document;

/// Their ids.
fn ids(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.id().unwrap_or("?")).collect()
}

fn document(id: &str, content: &str) -> Document {
    Document::new(content).with_id(id)
}
