//! Databases of journals.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`RunStore`], what a run asks of a store, and [`Store`], what a journal asks of a database |
//! | `sqlite` | a SQLite file, for the processes of one machine |
//! | `postgres` | a Postgres server, for several machines |

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

use crate::{
    journal::info::{RunDetails, RunInfo, RunState},
    record::{Entry, Record},
};
use catena::Result;
use futures_util::future::BoxFuture;

/// The right to run a run. It ends when another process claims the run, which gives it the next generation.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    pub(crate) run: String,
    pub(crate) generation: i64,
}

/// The data that are written when a run begins.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) run: String,
    /// The hash of the chain; empty if it is not known.
    pub(crate) chain: String,
    /// The process, for people.
    pub(crate) process: String,
    pub(crate) now: i64,
}

/// The answer to a claim.
#[derive(Debug)]
pub(crate) enum Claim {
    Granted(Granted),
    /// Another one runs it: the process, for people.
    Held(String),
    /// It was cancelled.
    Cancelled,
}

#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) lease: Lease,
    pub(crate) entries: Vec<Entry>,
    pub(crate) waits: Vec<Wait>,
}

/// A pause or a timer of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "restate", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Wait {
    pub(crate) key: String,
    /// The name of the type of the answer; empty for a timer.
    pub(crate) expects: String,
    /// The input of the pause as JSON.
    pub(crate) input: String,
    /// Milliseconds since 1970.
    pub(crate) since: i64,
    /// The end of a timer, in milliseconds since 1970.
    pub(crate) until: Option<i64>,
    /// The answer as JSON.
    pub(crate) answer: Option<String>,
    pub(crate) answered: Option<i64>,
}

/// The end of the run of a process.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) state: RunState,
    pub(crate) error: Option<String>,
    pub(crate) now: i64,
}

/// The state of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Yes,
    /// The run was cancelled.
    Cancelled,
    /// Another process has claimed the run, or it was deleted.
    Lost,
}

/// The answer to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    Kept,
    NoRun,
    /// The names of the pauses that wait.
    NoPause(Vec<String>),
    Already(String),
    /// The type that the pause expects.
    OtherType(String),
}

/// The answer to a deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deleted {
    Yes,
    NoRun,
    /// By which process.
    InUse(String),
}

/// A store of the records of runs. Each method takes effect as a whole or not at all.
pub(crate) trait RunStore: Send + Sync + 'static {
    /// Claims a run, which is created if there is none.
    fn claim(&self, beginning: Beginning) -> BoxFuture<'_, Result<Claim>>;
    /// Keeps a lease alive.
    fn renew(&self, lease: &Lease) -> BoxFuture<'_, Result<Held>>;
    /// Notes the names of records that no step of the chain has.
    fn note_gone(&self, lease: &Lease, gone: Vec<String>) -> BoxFuture<'_, Result<()>>;
    /// Gives a lease back.
    fn release(&self, lease: Lease, ending: Ending) -> BoxFuture<'_, Result<()>>;
    /// Gives a lease back, of a run that was dropped. Returns at once.
    fn abandon(&self, lease: Lease, ending: Ending);
    /// Keeps a record, unless the lease is lost.
    fn put(&self, lease: &Lease, record: Record) -> BoxFuture<'_, Result<Held>>;
    /// Reads a record; `None` if there is none that was written whole.
    fn get(&self, run: &str, key: &str) -> BoxFuture<'_, Result<Option<Record>>>;
    /// Keeps a pause or a timer, unless there is one of this key. Returns the one that is kept.
    fn wait(&self, lease: &Lease, wait: Wait) -> BoxFuture<'_, Result<Option<Wait>>>;
    /// Takes back an answer that could not be read.
    fn unanswer(&self, lease: &Lease, key: &str) -> BoxFuture<'_, Result<()>>;
    /// Returns the interval between renewals.
    fn heartbeat(&self) -> std::time::Duration;
    /// Returns the time after which a lease ends that is not renewed; `None` if it does not end while this process is alive.
    fn lease(&self) -> Option<std::time::Duration> {
        None
    }
}

/// A database of journals: a store whose runs can be listed, answered and deleted.
pub(crate) trait Store: RunStore {
    /// Answers a pause.
    fn answer(&self, run: &str, key: &str, expects: &str, json: String, now: i64) -> BoxFuture<'_, Result<Answered>>;
    /// Lists the runs, the ones changed last first.
    fn runs(&self) -> BoxFuture<'_, Result<Vec<RunInfo>>>;
    /// Returns all that is known of a run, without outputs.
    fn inspect(&self, run: &str) -> BoxFuture<'_, Result<Option<RunDetails>>>;
    /// Cancels a run. Returns whether there is one.
    fn cancel(&self, run: &str, now: i64) -> BoxFuture<'_, Result<bool>>;
    /// Deletes a run that no process runs.
    fn delete(&self, run: &str) -> BoxFuture<'_, Result<Deleted>>;
    /// Deletes the runs of these states that changed last before this time, and that no process runs. Returns their number.
    fn prune(&self, before: i64, states: &[RunState]) -> BoxFuture<'_, Result<usize>>;
}
