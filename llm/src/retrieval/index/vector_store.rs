//! The trait of stores of vectors.

use super::{ContentHash, Embedding};
use crate::retrieval::{Document, Filter};
use catena::{Details, Error, ErrorKind, Result};
use std::{collections::BTreeMap, future::Future, sync::Arc};

/// The model and the length of vectors. Vectors of different spaces are not comparable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorSpace {
    /// The name of the embedder.
    pub model: String,
    /// The length of the vectors.
    pub dimensions: usize,
}

impl VectorSpace {
    /// Returns the error of a store whose vectors are of this space and not of another one.
    #[cold]
    pub fn differs(&self, other: &VectorSpace) -> Error {
        let message = format!(
            "the vectors in this store are by {} and of {} numbers, not by {} and of {}: they do not compare, so use \
             another file or index the documents again",
            self.model, self.dimensions, other.model, other.dimensions
        );
        Error::new(ErrorKind::BadInput, message)
    }
}

/// A document with its vector, which has length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbeddedDocument {
    /// The document.
    pub document: Document,
    /// Its vector.
    pub vector: Embedding,
}

/// Returns the documents without those that a later one with the same id replaces.
#[cfg(any(feature = "pgvector", feature = "qdrant"))]
pub(in crate::retrieval) fn last_of_each_id(documents: Vec<EmbeddedDocument>) -> Vec<EmbeddedDocument> {
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<EmbeddedDocument> = documents
        .into_iter()
        .rev()
        .filter(|one| one.document.id().is_none_or(|id| seen.insert(id.to_owned())))
        .collect();
    kept.reverse();
    kept
}

/// A store of documents with their vectors, for a [`VectorIndex`](super::VectorIndex): `SqliteVectors` (feature
/// `sqlite`), `PgVectors` (feature `pgvector`), `QdrantVectors` (feature `qdrant`), or a database of your own.
///
/// All vectors in a store are of one [space](VectorSpace). An error of a store that cannot be reached has the kind
/// [`Unavailable`](ErrorKind::Unavailable), so that a retry repeats the call.
pub trait VectorStore: Send + Sync {
    /// Returns the name in events, graphs and error messages.
    fn name(&self) -> &str;

    /// Adds the settings, for graphs and manifests.
    fn details(&self, _details: &mut Details) {}

    /// Returns the space of the vectors, or `None` if nothing was ever stored.
    fn space(&self) -> impl Future<Output = Result<Option<VectorSpace>>> + Send;

    /// Stores documents of this space, all or none. A document replaces one with the same id; a document without an id
    /// is always new.
    ///
    /// # Errors
    /// [`VectorSpace::differs`] if the store has vectors of another space.
    fn add(&self, space: VectorSpace, documents: Vec<EmbeddedDocument>) -> impl Future<Output = Result<()>> + Send;

    /// Removes the documents with these ids. Returns the number of removed documents.
    fn remove(&self, ids: Vec<String>) -> impl Future<Output = Result<usize>> + Send;

    /// Returns the nearest documents that the filter accepts, nearest first, at most `limit`. Their score is the cosine.
    fn nearest<'a>(
        &'a self,
        vector: &'a [f32],
        limit: usize,
        filter: &'a Filter,
    ) -> impl Future<Output = Result<Vec<Document>>> + Send + 'a;

    /// Returns the [hashes](Document::content_hash) of the documents that have an id and that the filter accepts.
    fn hashes<'a>(
        &'a self,
        filter: &'a Filter,
    ) -> impl Future<Output = Result<BTreeMap<String, ContentHash>>> + Send + 'a;

    /// Returns the number of documents.
    fn len(&self) -> impl Future<Output = Result<usize>> + Send;

    /// Returns whether the store is empty.
    fn is_empty(&self) -> impl Future<Output = Result<bool>> + Send {
        async { Ok(self.len().await? == 0) }
    }
}

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<S: VectorStore> VectorStore for $Pointer {
            fn name(&self) -> &str {
                (**self).name()
            }

            fn details(&self, details: &mut Details) {
                (**self).details(details);
            }

            fn space(&self) -> impl Future<Output = Result<Option<VectorSpace>>> + Send {
                (**self).space()
            }

            fn add(
                &self,
                space: VectorSpace,
                documents: Vec<EmbeddedDocument>,
            ) -> impl Future<Output = Result<()>> + Send {
                (**self).add(space, documents)
            }

            fn remove(&self, ids: Vec<String>) -> impl Future<Output = Result<usize>> + Send {
                (**self).remove(ids)
            }

            fn nearest<'a>(
                &'a self,
                vector: &'a [f32],
                limit: usize,
                filter: &'a Filter,
            ) -> impl Future<Output = Result<Vec<Document>>> + Send + 'a {
                (**self).nearest(vector, limit, filter)
            }

            fn hashes<'a>(
                &'a self,
                filter: &'a Filter,
            ) -> impl Future<Output = Result<BTreeMap<String, ContentHash>>> + Send + 'a {
                (**self).hashes(filter)
            }

            fn len(&self) -> impl Future<Output = Result<usize>> + Send {
                (**self).len()
            }
        }
    )*};
}
pointer!(&S, Arc<S>);
