//! Work before and after a whole run.

use crate::{Component, Config, Error, Result, Runnable};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Work before and after a whole run: a lease, a transaction, a check of the chain. [`Config::around`] adds it.
///
/// A run under a lifecycle keeps track of its [place](crate::Context::place).
///
/// ```
/// use catena::{Component, Config, Error, ErrorKind, Lifecycle, prelude::*};
/// use std::{future::Future, pin::Pin};
///
/// struct AtMost(usize);
///
/// impl Lifecycle for AtMost {
///     fn begin<'a>(&'a self, chain: &'a Component) -> Pin<Box<dyn Future<Output = catena::Result<()>> + Send + 'a>> {
///         Box::pin(async move {
///             match chain.members.len() {
///                 steps if steps > self.0 => Err(Error::new(ErrorKind::BadInput, format!("{steps} steps are too many"))),
///                 _ => Ok(()),
///             }
///         })
///     }
/// }
///
/// let chain = chain!(u32 => |n| n + 1 | |n| n * 2);
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(chain.invoke_with(1, Config::new().around(AtMost(2))).await?, 4);
/// let error = chain.invoke_with(1, Config::new().around(AtMost(1))).await.unwrap_err();
/// assert_eq!(error.message(), "2 steps are too many");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait Lifecycle: Send + Sync + 'static {
    /// Called before anything of the run, with the parts of the chain. If it fails, nothing runs, and its error is that of the
    /// run.
    fn begin<'a>(&'a self, chain: &'a Component) -> BoxFuture<'a, Result<()>>;

    /// Called after the run, with its error if it failed. The error of a batch is that of an item that waits for later, or else the
    /// first. Not called if the run is dropped, nor if it did not begin.
    fn end<'a>(&'a self, _error: Option<&'a Error>) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}

impl Config {
    /// Adds work before and after the run; see [`Lifecycle`]. It is for whole runs, of which a batch is one: a part of a chain has
    /// none.
    pub fn around(mut self, lifecycle: impl Lifecycle) -> Self {
        self.lifecycles.push(Arc::new(lifecycle));
        self
    }
}

/// Begins a run: calls what its configuration has around it.
pub(crate) async fn begin<In: Send, R: Runnable<In>>(config: &Config, chain: &R) -> Result<()> {
    if config.lifecycles.is_empty() {
        return Ok(());
    }
    let chain = chain.component();
    // On the heap, so that runs without any need no room for it.
    let work: BoxFuture<'_, Result<()>> = Box::pin(async move {
        for (index, lifecycle) in config.lifecycles.iter().enumerate() {
            if let Err(error) = lifecycle.begin(&chain).await {
                for begun in config.lifecycles[..index].iter().rev() {
                    begun.end(Some(&error)).await;
                }
                return Err(error);
            }
        }
        Ok(())
    });
    work.await
}

/// Ends a run that has begun.
pub(crate) async fn end(config: &Config, error: Option<&Error>) {
    if config.lifecycles.is_empty() {
        return;
    }
    let work: BoxFuture<'_, ()> = Box::pin(async move {
        for lifecycle in config.lifecycles.iter().rev() {
            lifecycle.end(error).await;
        }
    });
    work.await;
}
