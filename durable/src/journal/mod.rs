//! The journal, as its users see it.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Journal`] |
//! | `builder` | [`JournalBuilder`], its settings |
//! | `info` | what is known of runs |
//! | `drawing` | a run, drawn |
//! | `type_name` | the names of the types of answers |

mod builder;
mod drawing;
pub(crate) mod info;
pub(crate) mod type_name;

pub use builder::JournalBuilder;
#[cfg(feature = "restate")]
pub(crate) use builder::process;

use crate::{
    error::JournalError,
    record::{key, outcome},
    run::durable_run::DurableRun,
    store::{Answered, Deleted, RunStore, Store},
};
use catena::Result;
use info::{RunDetails, RunInfo, RunState, WaitInfo, millis};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// The most bytes of the id of a run.
const LONGEST_ID: usize = 512;

/// A keeper of the finished steps of runs. A clone is the same journal.
///
/// A run has an id of the user's: that of an order, a request, a document. [`Journal::run`] names it, and
/// [`ConfigExt::durable`](crate::ConfigExt::durable) runs a chain under it.
///
/// ```
/// use catena::{Config, ErrorKind, prelude::*};
/// use catena_durable::{ConfigExt, Journal, RunState, pause};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Approval { Yes, No }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("journal.db");
/// let chain = chain!(u32 => pause::<Approval>("manager") | |approval| approval == Approval::Yes);
/// let journal = Journal::sqlite(&path).await?;
///
/// let config = Config::new().durable(journal.run("order-42"));
/// let error = chain.invoke_with(900, config).await.unwrap_err();
/// assert_eq!(error.kind(), &ErrorKind::Paused);
/// let details = journal.inspect("order-42").await?;
/// assert_eq!((details.info.state, details.waits[0].input.clone()), (RunState::Paused, 900.into()));
///
/// // Days later, in another process:
/// journal.answer("order-42", "manager", Approval::Yes).await?;
/// let config = Config::new().durable(journal.run("order-42"));
/// assert!(chain.invoke_with(900, config).await?);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Journal {
    core: Arc<Core>,
    store: Arc<dyn Store>,
    name: Arc<str>,
}

/// The parts that the runs of a journal share.
pub(crate) struct Core {
    pub(crate) store: Arc<dyn RunStore>,
    pub(crate) clock: Arc<Clock>,
    /// This process, for people.
    pub(crate) process: String,
}

/// The clock of a journal.
pub(crate) type Clock = dyn Fn() -> SystemTime + Send + Sync;

impl Core {
    /// The time in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        millis((self.clock)())
    }
}

impl Journal {
    /// Opens a journal in a SQLite file, which is created if it does not exist. Its folder must exist.
    ///
    /// It is for the processes of one machine: a folder beside the file, `<file>-owners`, has a lock for each, so that the run of a
    /// process that was killed can be gone on with at once. The file must be on a disk of this machine.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`](catena::ErrorKind::BadInput) if the path is not that of a file, if the file is not a database, is
    /// damaged, or is of a newer version; [`ErrorKind::Unavailable`](catena::ErrorKind::Unavailable) if it is locked for too long.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite(path: impl AsRef<std::path::Path>) -> Result<Self> {
        Journal::builder().sqlite(path).await
    }

    /// Returns the settings of a journal, to be opened.
    pub fn builder() -> JournalBuilder {
        JournalBuilder::default()
    }

    /// Returns the run of this id. Nothing is read or written until a chain runs.
    ///
    /// An id has at most 512 bytes, and no control characters: an invocation under any other fails.
    pub fn run(&self, id: impl Into<String>) -> DurableRun {
        DurableRun::new(Arc::clone(&self.core), id.into())
    }

    /// Answers a pause. The next invocation of the run goes on with it.
    ///
    /// The name is that given to [`pause`](crate::pause), or the whole key of a pause within a list: `[3].manager`. An answer that
    /// is there stays.
    ///
    /// # Errors
    /// With a [`JournalError`] as the source: if there is no such run, if it has no pause of this name that waits, if the pause has
    /// an answer, or if it waits for another type. Two types of one name in different modules count as one type. Those of the journal.
    pub async fn answer<T: Serialize + DeserializeOwned>(&self, run: &str, name: &str, answer: T) -> Result<()> {
        let json = serde_json::to_string(&answer).map_err(|error| outcome::unwritable(name, &error))?;
        if let Err(error) = serde_json::from_str::<T>(&json) {
            return Err(outcome::unwritable(name, &error));
        }
        let details = self.inspect(run).await?;
        let key = key_of(&details.waits, name).unwrap_or(name).to_owned();
        let given = type_name::of::<T>();
        let answered = self.store.answer(run, &key, &given, json, self.core.now()).await?;
        let (run, name) = (run.to_owned(), name.to_owned());
        Err(match answered {
            Answered::Kept => return Ok(()),
            Answered::NoRun => JournalError::NoRun { run },
            Answered::NoPause(open) => JournalError::NoPause { run, name, open },
            Answered::Already(answer) => JournalError::Answered { key, answer },
            Answered::OtherType(expects) => JournalError::AnswerType { key, expects, given },
        }
        .into())
    }

    /// Lists the runs, those that changed last first.
    ///
    /// # Errors
    /// Those of the journal.
    pub async fn runs(&self) -> Result<Vec<RunInfo>> {
        self.store.runs().await
    }

    /// Returns what is known of a run: its steps, who did them and when, and its pauses. `Display` draws it.
    ///
    /// # Errors
    /// [`JournalError::NoRun`] as the source if there is none. Those of the journal.
    pub async fn inspect(&self, run: &str) -> Result<RunDetails> {
        let details = self.store.inspect(run).await?;
        details.ok_or_else(|| JournalError::NoRun { run: run.to_owned() }.into())
    }

    /// Returns the ids of the paused runs that can go on: those that came to have an answer, or whose time has come, since they
    /// paused. A scheduler invokes them.
    ///
    /// # Errors
    /// Those of the journal.
    pub async fn ready(&self) -> Result<Vec<String>> {
        let now = (self.core.clock)();
        let mut ready = Vec::new();
        for info in self.runs().await?.into_iter().filter(|info| info.state == RunState::Paused) {
            let Some(details) = self.store.inspect(&info.id).await? else { continue };
            let can_go_on = |wait: &WaitInfo| match (wait.until, wait.answered) {
                (Some(until), _) => until <= now && until >= info.changed,
                (None, Some(answered)) => answered >= info.changed,
                (None, None) => false,
            };
            if details.waits.iter().any(can_go_on) {
                ready.push(info.id);
            }
        }
        Ok(ready)
    }

    /// Cancels a run. A process that runs it stops within seconds; the run is not run any more.
    ///
    /// # Errors
    /// [`JournalError::NoRun`] as the source if there is none. Those of the journal.
    pub async fn cancel(&self, run: &str) -> Result<()> {
        if self.store.cancel(run, self.core.now()).await? {
            return Ok(());
        }
        Err(JournalError::NoRun { run: run.to_owned() }.into())
    }

    /// Deletes a run and its records. The next invocation under its id starts from the beginning.
    ///
    /// # Errors
    /// [`JournalError::NoRun`] or [`JournalError::InUse`] as the source if there is none, or if a process runs it. Those of the
    /// journal.
    pub async fn delete(&self, run: &str) -> Result<()> {
        let run = run.to_owned();
        match self.store.delete(&run).await? {
            Deleted::Yes => Ok(()),
            Deleted::NoRun => Err(JournalError::NoRun { run }.into()),
            Deleted::InUse(process) => Err(JournalError::InUse { run, process }.into()),
        }
    }

    /// Deletes the runs in these states that have not changed for this long, except those that a process runs. Returns their
    /// number.
    ///
    /// ```
    /// use catena_durable::{Journal, RunState};
    /// use std::time::Duration;
    ///
    /// # async fn tidy(journal: Journal) -> catena::Result<()> {
    /// let month = Duration::from_hours(30 * 24);
    /// journal.prune(month, &[RunState::Completed, RunState::Cancelled]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of the journal.
    pub async fn prune(&self, unchanged_for: Duration, states: &[RunState]) -> Result<usize> {
        let before = (self.core.clock)().checked_sub(unchanged_for).unwrap_or(SystemTime::UNIX_EPOCH);
        self.store.prune(millis(before), states).await
    }
}

/// The key of the pause of this name, if it is clear which: a key itself, or the name of one pause only.
fn key_of<'a>(waits: &'a [WaitInfo], name: &str) -> Option<&'a str> {
    if waits.iter().any(|wait| wait.key == name) {
        return None;
    }
    let mut named = waits.iter().filter(|wait| key::is_of(&wait.key, name));
    let first = named.next()?;
    named.next().is_none().then_some(&*first.key)
}

/// Checks the id of a run.
pub(crate) fn check_id(id: &str) -> Result<()> {
    let why = match id {
        "" => "the id of a run is empty",
        id if id.len() > LONGEST_ID => "the id of a run has at most 512 bytes",
        id if id.chars().any(char::is_control) => "the id of a run has no control characters",
        _ => return Ok(()),
    };
    let name = id.chars().take(60).flat_map(char::escape_debug).collect();
    Err(JournalError::Name { name, why: why.to_owned() }.into())
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Journal").field(&self.name).finish()
    }
}
