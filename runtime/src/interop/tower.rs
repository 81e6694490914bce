//! Chains as `tower` services, and services as steps. Requires the feature `tower`.
//!
//! ```
//! use catena::{prelude::*, tower};
//! use tower_service::Service;
//!
//! #[runnable]
//! fn shout(text: String) -> String { text.to_uppercase() }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! // A chain, as a service: for the layers of `tower`, and for servers.
//! let mut service = tower::service(chain!(String => shout));
//! assert_eq!(service.call("hey".to_owned()).await?, "HEY");
//!
//! // A service, as a step: an HTTP client, with whatever layers are around it.
//! let backend = tower::step(service).named("backend");
//! let chain = chain!(String => backend | |text| text.len());
//! assert_eq!(chain.invoke("hey".to_owned()).await?, 3);
//! # Ok::<(), catena::Error>(()) }).unwrap();
//! ```

use crate::{
    Config, Context, Error, Kind, Node, Result, Runnable, RunnableExt, Step,
    error::BoxError,
    step::{
        call::{Call, Started, waits},
        runnable::whole,
    },
};
use futures_core::future::BoxFuture;
use std::{
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::{Context as Task, Poll},
};
use tower_service::Service;

/// A chain as a [`tower_service::Service`]; created by [`service`]. A clone is the same chain.
///
/// It is always ready: a chain limits itself, by [`Config::max_concurrency`], or a layer around it does. Dropping the future of
/// a call cancels the run. Each call allocates its future.
#[derive(Debug)]
pub struct ChainService<R> {
    chain: Arc<R>,
    config: Config,
}

impl<R> ChainService<R> {
    /// Sets the configuration of each run: tags, a deadline, observers.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }
}

impl<R> Clone for ChainService<R> {
    fn clone(&self) -> Self {
        ChainService { chain: Arc::clone(&self.chain), config: self.config.clone() }
    }
}

/// Returns a chain as a service.
///
/// # Errors
/// A call fails with the [`Error`] of the chain, which knows if another attempt may help: [`Error::is_retryable`].
pub fn service<R>(chain: R) -> ChainService<R> {
    ChainService { chain: Arc::new(chain), config: Config::new() }
}

impl<In: Send + 'static, R: Runnable<In> + 'static> Service<In> for ChainService<R> {
    type Response = R::Output;
    type Error = Error;
    type Future = BoxFuture<'static, Result<R::Output>>;

    fn poll_ready(&mut self, _: &mut Task<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, input: In) -> Self::Future {
        let (chain, config) = (Arc::clone(&self.chain), self.config.clone());
        Box::pin(async move { chain.invoke_with(input, config).await })
    }
}

/// A [`tower_service::Service`] as a step; created by [`step`].
///
/// # Streaming
/// Waits for its whole input, and gives one chunk.
pub struct ServiceStep<S> {
    /// Services need not be `Sync`. Each call clones it, as servers do.
    service: Mutex<S>,
}

/// Returns a service as a step. Each call waits until a clone of the service is ready, and calls that.
///
/// Give it a name, for graphs and errors: `tower::step(client).named("backend")`.
///
/// # Errors
/// A call fails with an error of the service, which can be had back by [`Error::downcast_ref`]. If it is an [`Error`] of Catena
/// (the service calls a chain), that is kept.
pub const fn step<S>(service: S) -> ServiceStep<S> {
    ServiceStep { service: Mutex::new(service) }
}

impl<S> ServiceStep<S> {
    fn cloned(&self) -> S
    where
        S: Clone,
    {
        self.service.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<S: Clone> Clone for ServiceStep<S> {
    fn clone(&self) -> Self {
        step(self.cloned())
    }
}

impl<S> fmt::Debug for ServiceStep<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceStep").finish_non_exhaustive()
    }
}

impl<S: Send> Step for ServiceStep<S> {
    const NODE: Node = Node::leaf("service", Kind::Function);
}

impl<In, S> Runnable<In> for ServiceStep<S>
where
    In: Send + 'static,
    S: Service<In> + Clone + Send,
    S::Response: Send + 'static,
    S::Error: Into<BoxError> + 'static,
    S::Future: Send,
{
    type Output = S::Response;
    whole!(In);

    fn start<'a>(&'a self, input: In, _cx: &'a Context) -> Started<impl Call<'a, Self, S::Response>, S::Response> {
        waits(async move {
            let mut service = self.cloned();
            poll_fn(|task| service.poll_ready(task)).await.map_err(Error::other)?;
            service.call(input).await.map_err(Error::other)
        })
    }
}
