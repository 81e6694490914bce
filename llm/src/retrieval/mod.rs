//! Retrieval of documents: splitting, indexing, searching, merging, and formatting for a prompt.
//!
//! ```
//! use catena::prelude::*;
//! use catena_llm::retrieval::{Bm25, Document, Fuse, HashingEmbedder, Retrieve, VectorIndex};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let documents = [
//!     Document::new("Backups run at two in the morning.").with_id("backups"),
//!     Document::new("The coffee machine is on the second floor.").with_id("coffee"),
//! ];
//! let words = Bm25::in_memory()?;
//! words.add(documents.clone()).await?;
//! let vectors = VectorIndex::in_memory(HashingEmbedder::new(256))?;
//! vectors.add(documents).await?;
//!
//! let search = chain!(String => <words: Retrieve::new(words), vectors: Retrieve::new(vectors)> | Fuse::by_rank().top(1));
//! let found = search.invoke("When do backups run?".to_owned()).await?;
//! assert_eq!(found[0].id(), Some("backups"));
//! # Ok::<(), catena::Error>(()) }).unwrap();
//! ```
//!
//! - **Documents:** a [`Document`]. A `Splitter` cuts long ones into chunks (feature `splitters`).
//! - **Search:** any [`Retriever`], as a step by [`Retrieve`]. With the feature `sqlite`, [`Bm25`] searches for words,
//!   and [`VectorIndex`] for similar meanings, by an [`Embedder`]. Its [`VectorStore`] may be Postgres (`PgVectors`, feature `pgvector`),
//!   Qdrant (`QdrantVectors`, feature `qdrant`), or a database of your own.
//! - **Indexing:** [`Bm25::sync`] and [`VectorIndex::sync`] write what has changed, and remove what is gone.
//! - **Better results:** [`Hybrid`] asks two retrievers, [`Reranked`] orders the documents again, [`Parents`] returns
//!   whole documents for their chunks, [`Compressed`] keeps the passages that matter.
//! - **Merging:** [`Fuse`] merges the lists in the fields of a map; [`Deduplicate`] removes duplicates.
//! - **Prompts:** [`FormatDocuments`].

mod buffered; // the stream of a step that gives its output as a whole
mod document; // the item
mod filter; // conditions on metadata
mod index; // full-text and vector indices, and embedders
mod query; // the input
mod retriever; // the trait, and the step around it
mod retrievers; // retrievers around others
mod steps;
#[cfg(any(feature = "pgvector", feature = "qdrant"))]
mod stores; // stores of vectors on servers // steps that make, merge and print documents

pub(crate) use index::checked_embeddings;

pub use document::Document;
pub use filter::Filter;
#[cfg(feature = "sqlite")]
pub use index::{Bm25, SqliteVectors};
pub use index::{
    ContentHash, EmbeddedDocument, Embedder, Embedding, HashingEmbedder, Synced, VectorIndex, VectorSpace, VectorStore,
};
pub use query::{AsQuery, Query};
pub use retriever::{DEFAULT_TOP, Retrieve, Retriever};
pub use retrievers::{Compressed, DocumentSource, Hybrid, ModelReranker, Parents, Ranked, Reranked, Reranker};
#[cfg(feature = "splitters")]
pub use steps::Splitter;
pub use steps::{Deduplicate, DocumentList, DocumentLists, EqualWeights, FormatDocuments, Fuse, FuseLists, Weights};
#[cfg(feature = "pgvector")]
pub use stores::{PgVectors, PgVectorsBuilder};
#[cfg(feature = "qdrant")]
pub use stores::{QdrantBuilder, QdrantVectors, qdrant};
