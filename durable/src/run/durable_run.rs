//! A run to be begun or gone on with.

use super::active::Active;
use crate::{journal::Core, step::OnChange};
use catena::{CancellationToken, Config};
use std::{fmt, sync::Arc, time::Duration};

/// A run in a journal; created by [`Journal::run`](crate::Journal::run), for [`ConfigExt::durable`].
#[derive(Clone)]
pub struct DurableRun {
    pub(crate) core: Arc<Core>,
    pub(crate) id: String,
    pub(crate) on_change: OnChange,
    pub(crate) wait: Duration,
}

impl DurableRun {
    pub(crate) fn new(core: Arc<Core>, id: String) -> Self {
        DurableRun { core, id, on_change: OnChange::default(), wait: Duration::ZERO }
    }

    /// Sets the reaction to a step whose input differs from that of its record. The default is an error. A step may have
    /// [its own](crate::Durable::on_change).
    pub fn on_change(mut self, on_change: OnChange) -> Self {
        self.on_change = on_change;
        self
    }

    /// Sets how long to wait if another process runs this run. The default is not to wait: the invocation fails with
    /// [`JournalError::InUse`](crate::JournalError::InUse).
    pub fn wait(mut self, longest: Duration) -> Self {
        self.wait = longest;
        self
    }
}

impl fmt::Debug for DurableRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableRun")
            .field("id", &self.id)
            .field("on_change", &self.on_change)
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}

/// Runs under a journal.
pub trait ConfigExt: Sized {
    /// Runs under a journal: the [durable](crate::DurableExt::durable) steps that have finished in this run are not run again.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    /// use catena_durable::{ConfigExt, DurableExt, Journal};
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// static CALLS: AtomicU32 = AtomicU32::new(0);
    ///
    /// #[runnable]
    /// async fn extract(letter: String) -> usize {
    ///     CALLS.fetch_add(1, Ordering::Relaxed);
    ///     letter.len()
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("journal.db");
    /// let chain = chain!(String => extract.durable("extract/1") | |length| length * 2);
    /// let journal = Journal::sqlite(&path).await?;
    /// for _ in 0..2 {
    ///     let config = Config::new().durable(journal.run("order-42"));
    ///     assert_eq!(chain.invoke_with("Dear Sir".to_owned(), config).await?, 16);
    /// }
    /// assert_eq!(CALLS.load(Ordering::Relaxed), 1);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// The invocation fails, before anything runs, with a [`JournalError`](crate::JournalError) as its source: if another process
    /// runs this run, if it was cancelled, if two steps of the chain have one name. It fails with
    /// [`ErrorKind::Unavailable`](catena::ErrorKind::Unavailable) if the journal cannot be reached.
    ///
    /// A batch has one run for all its inputs: the index of an input is part of its keys.
    #[must_use]
    fn durable(self, run: DurableRun) -> Self;
}

impl ConfigExt for Config {
    fn durable(self, run: DurableRun) -> Self {
        let token = CancellationToken::new();
        let active = Active::new(run, token.clone());
        self.with(active.clone()).around(active).cancel(token)
    }
}
