//! Answers that were given before: the same request is not paid for twice.
//!
//! | store | keeps |
//! |---|---|
//! | [`MemoryCache`] | the answers used last, while the program runs |
//! | [`SqliteCache`] (feature `sqlite`) | all of them, in a file |
//! | any other [`CacheStore`] | what it likes |
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
//! # What is the same request
//! One to the same model of the same provider at the same base URL, with the same messages, options and tools, to the letter.
//! Keys, HTTP clients and extra headers are no part of it: where they change the answers, keep a store for each. Streams and
//! whole answers answer each other.
//!
//! # What is kept
//! Whole answers, and streams that came to their end, as the chunks that they were. No errors. A store that fails does not fail
//! the call: the model is asked as if the store were empty, and a `tracing` event of level `warn` says why.
//!
//! # What it costs
//! Nothing: the [usage](crate::Message::usage) of an answer out of the cache is zero, and so are its costs in a
//! [budget](crate::budget) and in sums over a run. That also tells it from one that the model has just given.

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

/// Where answers are kept. A store of your own needs these two methods:
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
    /// The answer to this request, if there is one.
    fn get<'a>(&'a self, key: &'a CacheKey) -> impl Future<Output = Result<Option<CachedAnswer>>> + Send + 'a;

    /// Keep the answer to this request, in place of one there may be.
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
