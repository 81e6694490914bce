//! Steps that count how often they run.

use catena::{Context, Result, Runnable, runnable};
use catena_durable::Journal;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

/// How often each step has run, by its name and its input.
#[derive(Clone, Default)]
pub(crate) struct Counts(Arc<Mutex<BTreeMap<String, usize>>>);

impl Counts {
    pub(crate) fn add(&self, what: impl Into<String>) -> usize {
        let mut counts = self.0.lock().unwrap();
        let count = counts.entry(what.into()).or_default();
        *count += 1;
        *count
    }

    pub(crate) fn of(&self, what: &str) -> usize {
        self.0.lock().unwrap().get(what).copied().unwrap_or_default()
    }

    pub(crate) fn all(&self) -> usize {
        self.0.lock().unwrap().values().sum()
    }

    pub(crate) fn step(&self, name: &'static str) -> Add {
        Add { counts: self.clone(), name }
    }
}

/// A step that adds one to its input, and counts `name(input)`.
#[derive(Clone)]
pub(crate) struct Add {
    counts: Counts,
    name: &'static str,
}

#[runnable]
impl Runnable<u32> for Add {
    type Output = u32;

    async fn call(&self, input: u32, _cx: &Context) -> Result<u32> {
        self.counts.add(format!("{}({input})", self.name));
        tokio::task::yield_now().await;
        Ok(input + 1)
    }
}

/// A folder with a journal in it.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("journal.db")
    }

    pub(crate) async fn journal(&self) -> Journal {
        Journal::sqlite(self.path()).await.unwrap()
    }
}
