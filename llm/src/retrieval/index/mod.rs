//! Indices of documents, and the embedders that a vector index needs.
//!
//! | file | contents |
//! |---|---|
//! | `bm25` | [`Bm25`], a full-text index |
//! | `segment` | words in scripts that have no spaces between them |
//! | `vector_index` | [`VectorIndex`], a vector index |
//! | `vector_store` | [`VectorStore`], the trait of its stores |
//! | `sqlite_vectors` | [`SqliteVectors`], a store in a SQLite file |
//! | `nearest` | cosine similarity, and the best of many |
//! | `rows` | documents as rows of a table, and filters as conditions |
//! | `sync`, `content_hash` | incremental indexing |
//! | `embedder` | [`Embedder`], the trait |
//! | `hashing_embedder` | [`HashingEmbedder`], an embedder without a model |

#[cfg(feature = "sqlite")]
mod bm25;
mod content_hash;
mod embedder;
mod hashing_embedder;
#[cfg(feature = "sqlite")]
mod nearest;
#[cfg(feature = "sqlite")]
mod rows;
#[cfg(feature = "sqlite")]
mod segment;
#[cfg(feature = "sqlite")]
mod sqlite_vectors;
mod sync;
mod vector_index;
mod vector_store;

#[cfg(feature = "sqlite")]
pub use bm25::Bm25;
pub use content_hash::ContentHash;
pub(crate) use embedder::checked_embeddings;
pub use embedder::{Embedder, Embedding};
pub use hashing_embedder::HashingEmbedder;
#[cfg(feature = "sqlite")]
pub use sqlite_vectors::SqliteVectors;
pub use sync::Synced;
pub use vector_index::VectorIndex;
#[cfg(any(feature = "pgvector", feature = "qdrant"))]
pub(super) use vector_store::last_of_each_id;
pub use vector_store::{EmbeddedDocument, VectorSpace, VectorStore};
