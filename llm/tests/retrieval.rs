//! Documents: indexed, found, merged, cut, and their vectors over real HTTP.
#![cfg(all(feature = "genai", feature = "simulator", feature = "sqlite", feature = "splitters"))]

#[path = "retrieval/bm25.rs"]
mod bm25;
#[path = "retrieval/documents.rs"]
mod documents;
#[path = "retrieval/embeddings.rs"]
mod embeddings;
#[path = "retrieval/fuse.rs"]
mod fuse;
#[path = "retrieval/splitter.rs"]
mod splitter;
#[path = "retrieval/vectors.rs"]
mod vectors;

use catena_llm::retrieval::Document;

/// Their ids.
fn ids(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.id().unwrap_or("?")).collect()
}

fn document(id: &str, content: &str) -> Document {
    Document::new(content).with_id(id)
}
