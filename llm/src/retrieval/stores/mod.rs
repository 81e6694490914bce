//! Stores of vectors on servers.
//!
//! | folder | contents |
//! |---|---|
//! | `pgvector` | [`PgVectors`], a Postgres database with the extension pgvector |
//! | `qdrant` | [`QdrantVectors`], a Qdrant server |

#[cfg(feature = "pgvector")]
mod pgvector;
#[cfg(feature = "qdrant")]
mod qdrant;

#[cfg(feature = "pgvector")]
pub use pgvector::{PgVectors, PgVectorsBuilder};
#[cfg(feature = "qdrant")]
pub use qdrant::{QdrantBuilder, QdrantVectors, qdrant};
