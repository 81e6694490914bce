//! A step that runs, and whose outcome is to be kept.

use super::active::{Active, Claimed, Slot};
use crate::{
    error::JournalError,
    record::{Record, digest::Digest, usage::Usage},
    store::Held,
};
use catena::{Error, ErrorKind, Result};
use std::sync::Arc;

/// A step that was opened.
pub(crate) enum Opened {
    /// It has finished before.
    Replay(Record),
    /// It is to be run.
    Live(Ticket),
}

/// The right to run a step, until it is dropped.
pub(crate) struct Ticket {
    active: Active,
    claimed: Arc<Claimed>,
    key: String,
    input: Digest,
    /// The state of the key when the step was opened, which comes back if nothing is kept.
    before: Option<Slot>,
    started: i64,
}

impl Ticket {
    pub(super) fn new(
        active: Active,
        claimed: Arc<Claimed>,
        key: String,
        input: Digest,
        before: Option<Slot>,
        started: i64,
    ) -> Self {
        Ticket { active, claimed, key, input, before, started }
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Keeps the outcome of the step. Completes when the journal has it.
    ///
    /// # Errors
    /// If it could not be kept. The error is not retryable: the step has been run.
    pub(crate) async fn keep(mut self, payload: Vec<u8>, usage: Usage) -> Result<()> {
        let core = &self.active.run().core;
        let record = Record {
            key: self.key.clone(),
            input: self.input.clone(),
            payload,
            usage,
            chain: self.claimed.chain.clone(),
            process: core.process.clone(),
            started: self.started,
            finished: core.now(),
        };
        let kept = core.store.put(&self.claimed.lease, record).await;
        match kept {
            Ok(Held::Yes | Held::Cancelled) => {
                self.before = Some(Slot::Kept(self.input.clone()));
                Ok(())
            }
            Ok(Held::Lost) => Err(self.active.lost().into()),
            Err(error) => {
                let message =
                    format!("the durable step `{}` has finished, but its outcome could not be kept", self.key);
                Err(Error::new(error.kind().clone(), format!("{message}: {error}"))
                    .with_source(error)
                    .with_retryable(false))
            }
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut slots = self.claimed.slots();
        match self.before.take() {
            Some(before) => slots.insert(std::mem::take(&mut self.key), before),
            None => slots.remove(&self.key),
        };
    }
}

/// Returns whether an error is worth keeping: the same step would fail with it again.
///
/// Not those of journals, nor those whose cause lies outside of the step, such as missing credentials.
pub(crate) fn is_worth_keeping(error: &Error) -> bool {
    let same_again = matches!(error.kind(), ErrorKind::BadInput | ErrorKind::Parse { .. } | ErrorKind::Step)
        && !error.is_retryable();
    same_again && error.downcast_ref::<JournalError>().is_none()
}
