//! Caching of answers: a repeated request is not paid for again.
//!
//! | store | contents |
//! |---|---|
//! | [`MemoryCache`] | the most recently used answers, in memory |
//! | [`SqliteCache`] (feature `sqlite`) | all answers, in a file |
//! | any other [`CacheStore`] | up to the store |
//!
//! ```
//! use catena::RunnableExt;
//! use catena_llm::{cache::MemoryCache, testing::Scripted};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let model = Scripted::answers(["Paris"]);
//! let chat = model.chat().cached(MemoryCache::new(1000));
//! for _ in 0..3 {
//!     assert_eq!(chat.invoke("The capital of France?").await?.text(), "Paris");
//! }
//! assert_eq!(model.requests().len(), 1);
//! # Ok::<(), catena::Error>(()) }).unwrap();
//! ```
//!
//! # Equal requests
//! Two requests are equal if the same would be sent: to the same URL with its query, with the same headers, the same
//! key, and exactly the same messages, options, tools and extra fields. An answer for one account or tenant is
//! therefore never given to another. Of this only a hash is stored. HTTP clients are not compared. A model of another
//! crate adds what tells its instances apart by [`ChatModel::identity`](crate::ChatModel::identity). A stream can be
//! answered by a stored whole answer, and vice versa.
//!
//! # Stored answers
//! Whole answers are stored, and streams that ended without an error, as their chunks. Errors are not stored. If the
//! store fails, the call does not: the model is called as if the store were empty. A `tracing` event of level `warn`
//! has the error.
//!
//! # Cost
//! The [usage](crate::Message::usage) of a cached answer is zero. It therefore costs nothing in a
//! [budget](crate::budget) and in sums over a run. A usage of zero distinguishes a cached answer from a new one.

mod answer; // an answer as a store keeps it
mod cached; // the model with a cache
mod key; // the identity of a request
mod memory; // the store in memory
#[cfg(feature = "sqlite")]
mod sqlite; // the store in a file

pub use answer::CachedAnswer;
pub use cached::Cached;
pub use key::CacheKey;
pub use memory::MemoryCache;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteCache;

use catena::Result;
use std::{future::Future, sync::Arc};

/// A store of answers. A custom store needs these two methods:
///
/// ```
/// use catena_llm::cache::{CacheKey, CacheStore, CachedAnswer};
/// use std::{collections::HashMap, sync::Mutex};
///
/// #[derive(Default)]
/// struct Unbounded(Mutex<HashMap<String, String>>);
///
/// impl CacheStore for Unbounded {
///     async fn get(&self, key: &CacheKey) -> catena::Result<Option<CachedAnswer>> {
///         let json = self.0.lock().unwrap().get(key.as_str()).cloned();
///         Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
///     }
///
///     async fn put(&self, key: &CacheKey, answer: &CachedAnswer) -> catena::Result<()> {
///         self.0.lock().unwrap().insert(key.as_str().to_owned(), serde_json::to_string(answer)?);
///         Ok(())
///     }
/// }
/// ```
pub trait CacheStore: Send + Sync {
    /// Returns the answer to this request, if it is stored.
    fn get<'a>(&'a self, key: &'a CacheKey) -> impl Future<Output = Result<Option<CachedAnswer>>> + Send + 'a;

    /// Stores the answer to this request. Replaces an earlier answer.
    fn put<'a>(&'a self, key: &'a CacheKey, answer: &'a CachedAnswer) -> impl Future<Output = Result<()>> + Send + 'a;
}

impl<S: CacheStore> CacheStore for Arc<S> {
    fn get<'a>(&'a self, key: &'a CacheKey) -> impl Future<Output = Result<Option<CachedAnswer>>> + Send + 'a {
        (**self).get(key)
    }

    fn put<'a>(&'a self, key: &'a CacheKey, answer: &'a CachedAnswer) -> impl Future<Output = Result<()>> + Send + 'a {
        (**self).put(key, answer)
    }
}
