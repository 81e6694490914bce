use super::HistoryStore;
use crate::Messages;
use catena::Result;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Conversations kept until the program ends. A clone is the same store.
///
/// They are kept whole: a program that runs for long has to [clear](HistoryStore::clear) what is over.
#[derive(Clone, Debug, Default)]
pub struct InMemoryHistory(Arc<Mutex<BTreeMap<String, Messages>>>);

impl InMemoryHistory {
    /// Nothing said yet.
    pub fn new() -> Self {
        InMemoryHistory::default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Messages>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HistoryStore for InMemoryHistory {
    async fn get(&self, session: &str) -> Result<Messages> {
        Ok(self.lock().get(session).cloned().unwrap_or_default())
    }

    async fn append(&self, session: &str, messages: Messages) -> Result<()> {
        if !messages.is_empty() {
            self.lock().entry(session.to_owned()).or_default().extend(messages);
        }
        Ok(())
    }

    async fn clear(&self, session: &str) -> Result<()> {
        self.lock().remove(session);
        Ok(())
    }

    async fn sessions(&self) -> Result<Vec<String>> {
        Ok(self.lock().keys().cloned().collect())
    }
}
