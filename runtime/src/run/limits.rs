//! The limits of a run beside time: its concurrency, and the token that cancels it.

use crate::{Config, Context, run::concurrency::ConcurrencyLimit};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The bounds in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) limit: Option<Arc<ConcurrencyLimit>>,
    /// Of this part of the run and of those around it.
    pub(crate) cancel: Arc<[CancellationToken]>,
}

impl Limits {
    /// With what a configuration adds.
    pub(crate) fn configured(mut self, config: &Config) -> Self {
        self.limit = ConcurrencyLimit::within(self.limit, config.max_concurrency);
        if !config.cancel.is_empty() {
            self.cancel = self.cancel.iter().chain(&config.cancel).cloned().collect();
        }
        self
    }
}

impl Context {
    /// The limit on what runs at once, if there is one.
    #[inline]
    pub(crate) fn limit(&self) -> Option<&Arc<ConcurrencyLimit>> {
        self.bounds()?.limit.as_ref()
    }
}
