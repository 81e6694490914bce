//! Journals in a SQLite file, for the processes of one machine.
//!
//! | file | contents |
//! |---|---|
//! | this file | the file, and what is asked of it |
//! | `open` | paths, connections and migrations |
//! | `worker` | the thread that reads and writes, many requests in one transaction |
//! | `owner` | which processes are alive |
//! | `rows` | the queries |
//! | `failure` | errors of SQLite, with explanations |

mod failure;
mod open;
mod owner;
mod rows;
mod worker;

use super::{Answered, Beginning, Claim, Deleted, Ending, Held, Lease, RunStore, Store, Wait};
use crate::{
    journal::info::{RunDetails, RunInfo, RunState},
    record::Record,
};
use catena::Result;
use futures_util::future::BoxFuture;
use owner::Owner;
use rusqlite::Connection;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use worker::Worker;

/// The failures that a finished step survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A finished step survives a power failure: it waits until the disk has it. Steps that finish at the same time wait
    /// together.
    #[default]
    Disk,
    /// A finished step survives the end of the process, in whichever way. A power failure may lose the last steps, which then run
    /// again, but damages nothing.
    Process,
}

/// A SQLite file of journals.
pub(crate) struct Sqlite {
    worker: Worker,
    shared: Arc<Shared>,
}

/// The parts that the requests share.
pub(crate) struct Shared {
    owner: Owner,
    /// The runs that this journal runs, each with the generation of its lease.
    active: Mutex<HashMap<String, i64>>,
}

impl Shared {
    fn active<T>(&self, with: impl FnOnce(&mut HashMap<String, i64>) -> T) -> T {
        with(&mut self.active.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sqlite {
    pub(crate) async fn open(path: &Path, durability: Durability, patience: Duration) -> Result<Self> {
        let path: PathBuf = open::file(path)?;
        let open = move || {
            let connection = open::connect(&path, durability, patience)?;
            Ok::<_, catena::Error>((Owner::new(&path)?, Worker::start(connection, path, patience)?))
        };
        let (owner, worker) = match tokio::runtime::Handle::try_current() {
            Ok(runtime) => runtime.spawn_blocking(open).await.map_err(catena::Error::other)??,
            Err(_) => open()?,
        };
        Ok(Sqlite { worker, shared: Arc::new(Shared { owner, active: Mutex::default() }) })
    }

    /// A request that writes.
    fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnMut(&Connection, &Shared) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T>> {
        self.request(doing, true, work)
    }

    /// A request that only reads.
    fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnMut(&Connection, &Shared) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T>> {
        self.request(doing, false, work)
    }

    fn request<T: Send + 'static>(
        &self,
        doing: &'static str,
        writes: bool,
        mut work: impl FnMut(&Connection, &Shared) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T>> {
        let shared = Arc::clone(&self.shared);
        let sent = self.worker.run(writes, move |connection| work(connection, &shared));
        Box::pin(async move { sent.await.map_err(|error| error.while_doing(doing)) })
    }
}

impl RunStore for Sqlite {
    fn claim(&self, beginning: Beginning) -> BoxFuture<'_, Result<Claim>> {
        self.write("claiming a run", move |connection, shared| rows::claim(connection, shared, &beginning))
    }

    fn renew(&self, lease: &Lease) -> BoxFuture<'_, Result<Held>> {
        let lease = lease.clone();
        self.read("looking at a lease", move |connection, _| rows::held(connection, &lease))
    }

    fn note_gone(&self, lease: &Lease, gone: Vec<String>) -> BoxFuture<'_, Result<()>> {
        let lease = lease.clone();
        self.write("beginning a run", move |connection, _| rows::note_gone(connection, &lease, &gone))
    }

    fn release(&self, lease: Lease, ending: Ending) -> BoxFuture<'_, Result<()>> {
        self.write("ending a run", move |connection, shared| rows::release(connection, shared, &lease, &ending))
    }

    fn abandon(&self, lease: Lease, ending: Ending) {
        let shared = Arc::clone(&self.shared);
        self.worker.send(move |connection| rows::release(connection, &shared, &lease, &ending));
    }

    fn put(&self, lease: &Lease, record: Record) -> BoxFuture<'_, Result<Held>> {
        let lease = lease.clone();
        self.write("keeping the outcome of a step", move |connection, _| rows::put(connection, &lease, &record))
    }

    fn get(&self, run: &str, key: &str) -> BoxFuture<'_, Result<Option<Record>>> {
        let (run, key) = (run.to_owned(), key.to_owned());
        self.read("reading the outcome of a step", move |connection, _| rows::get(connection, &run, &key))
    }

    fn wait(&self, lease: &Lease, wait: Wait) -> BoxFuture<'_, Result<Option<Wait>>> {
        let lease = lease.clone();
        self.write("pausing a run", move |connection, _| rows::wait(connection, &lease, &wait))
    }

    fn unanswer(&self, lease: &Lease, key: &str) -> BoxFuture<'_, Result<()>> {
        let (lease, key) = (lease.clone(), key.to_owned());
        self.write("taking back an answer", move |connection, _| rows::unanswer(connection, &lease, &key))
    }

    fn heartbeat(&self) -> Duration {
        // The lease itself needs none: the system knows which processes are alive. It is for cancelled runs.
        Duration::from_secs(1)
    }
}

impl Store for Sqlite {
    fn answer(&self, run: &str, key: &str, expects: &str, json: String, now: i64) -> BoxFuture<'_, Result<Answered>> {
        let (run, key, expects) = (run.to_owned(), key.to_owned(), expects.to_owned());
        self.write("answering a pause", move |connection, _| rows::answer(connection, &run, &key, &expects, &json, now))
    }

    fn runs(&self) -> BoxFuture<'_, Result<Vec<RunInfo>>> {
        self.read("listing the runs", rows::runs)
    }

    fn inspect(&self, run: &str) -> BoxFuture<'_, Result<Option<RunDetails>>> {
        let run = run.to_owned();
        self.read("inspecting a run", move |connection, shared| rows::inspect(connection, shared, &run))
    }

    fn cancel(&self, run: &str, now: i64) -> BoxFuture<'_, Result<bool>> {
        let run = run.to_owned();
        self.write("cancelling a run", move |connection, _| rows::cancel(connection, &run, now))
    }

    fn delete(&self, run: &str) -> BoxFuture<'_, Result<Deleted>> {
        let run = run.to_owned();
        self.write("deleting a run", move |connection, shared| rows::delete(connection, shared, &run))
    }

    fn prune(&self, before: i64, states: &[RunState]) -> BoxFuture<'_, Result<usize>> {
        let states = states.to_vec();
        self.write("deleting old runs", move |connection, shared| rows::prune(connection, shared, before, &states))
    }
}
