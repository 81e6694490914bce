use super::HistoryStore;
use crate::Messages;
use catena::Result;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A store of conversations in memory. A clone is the same store.
///
/// It never removes messages: a long-running program has to [clear](HistoryStore::clear) finished sessions.
#[derive(Clone, Debug, Default)]
pub struct InMemoryHistory(Arc<Mutex<BTreeMap<String, Messages>>>);

impl InMemoryHistory {
    /// Creates an empty store.
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
