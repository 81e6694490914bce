//! Indices of documents, and the embedders that a vector index needs.
//!
//! | file | contents |
//! |---|---|
//! | `bm25` | [`Bm25`], a full-text index |
//! | `vectors` | [`VectorStore`], a vector index |
//! | `nearest` | cosine similarity, and the best of many |
//! | `rows` | documents as rows of a table |
//! | `embedder` | [`Embedder`], the trait |
//! | `hashing_embedder` | [`HashingEmbedder`], an embedder without a model |

#[cfg(feature = "sqlite")]
mod bm25;
mod embedder;
mod hashing_embedder;
#[cfg(feature = "sqlite")]
mod nearest;
#[cfg(feature = "sqlite")]
mod rows;
#[cfg(feature = "sqlite")]
mod vectors;

#[cfg(feature = "sqlite")]
pub use bm25::Bm25;
pub use embedder::{Embedder, Embedding};
pub use hashing_embedder::HashingEmbedder;
#[cfg(feature = "sqlite")]
pub use vectors::VectorStore;
