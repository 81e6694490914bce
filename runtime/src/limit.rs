//! One limit on what runs at once, shared by all that fans out under it.

use crate::{Context, Error, ErrorKind, Result};
use futures_util::{FutureExt, future::BoxFuture};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many steps may run at once under a configuration.
///
/// Whoever fans out may always run one child under the permit that it holds itself, so that what is nested never waits
/// for what is around it; every further child needs a permit that all share. The call that brings the limit holds the
/// first permit.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    max: usize,
    /// All permits but the first.
    further: Arc<Semaphore>,
    /// A limit further out, of which each permit here takes one as well.
    outer: Option<Arc<Limit>>,
}

/// What a child holds while it runs.
pub(crate) struct Permit {
    _here: Option<OwnedSemaphorePermit>,
    _outer: Option<Box<Permit>>,
}

/// The permits of one fan-out.
#[derive(Clone)]
pub(crate) struct Permits {
    own: Arc<Semaphore>,
    limit: Limit,
}

impl Limit {
    /// A limit within another.
    pub(crate) fn within(outer: Option<&Limit>, max: usize) -> Self {
        let outer = outer.cloned().map(Arc::new);
        Limit { max, further: Arc::new(Semaphore::new(max.saturating_sub(1).min(Semaphore::MAX_PERMITS))), outer }
    }

    /// At most so many.
    pub(crate) fn max(&self) -> usize {
        self.outer.as_ref().map_or(self.max, |outer| outer.max().min(self.max))
    }

    fn further(&self) -> BoxFuture<'static, Permit> {
        let (here, outer) = (Arc::clone(&self.further), self.outer.clone());
        async move {
            // A semaphore that nobody closes.
            let here = here.acquire_owned().await.ok();
            let outer = match outer {
                Some(outer) => Some(Box::new(outer.further().await)),
                None => None,
            };
            Permit { _here: here, _outer: outer }
        }
        .boxed()
    }
}

impl Permits {
    /// One more permit, as soon as there is one.
    pub(crate) fn next(&self) -> BoxFuture<'static, Permit> {
        let (own, further) = (Arc::clone(&self.own), self.limit.further());
        async move {
            let own = async move { Permit { _here: own.acquire_owned().await.ok(), _outer: None } };
            futures_util::future::select(std::pin::pin!(own), further).await.factor_first().0
        }
        .boxed()
    }
}

impl Context {
    /// The permits for a fan-out, where there is a limit.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for a limit of 0, under which nothing could ever run.
    pub(crate) fn permits(&self) -> Result<Option<Permits>> {
        let Some(limit) = self.limit() else { return Ok(None) };
        if limit.max() == 0 {
            return Err(Error::new(ErrorKind::BadInput, "with a `max_concurrency` of 0 nothing would ever run"));
        }
        Ok(Some(Permits { own: Arc::new(Semaphore::new(1)), limit: limit.clone() }))
    }

    /// The most that may run at once.
    pub(crate) fn most(&self) -> usize {
        self.limit().map_or(usize::MAX, Limit::max)
    }
}

/// Wait for a permit, where one is needed.
pub(crate) async fn permit(permits: Option<&Permits>) -> Option<Permit> {
    match permits {
        Some(permits) => Some(permits.next().await),
        None => None,
    }
}
