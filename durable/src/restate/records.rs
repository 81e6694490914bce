//! The records of one run, in memory. The engine keeps them, and gives them back to the next attempt.

use super::event::Event;
use crate::{
    record::{Entry, Record},
    store::{Beginning, Claim, Ending, Granted, Held, Lease, RunStore, Wait},
};
use catena::{Error, ErrorKind, Result};
use futures_util::future::BoxFuture;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// The largest record. Restate takes messages of at most 32 MiB by default, and the record is a text in JSON.
const LARGEST: usize = 12 * 1024 * 1024;

/// An event, and the sender of the word that the engine has kept it.
pub(super) type Said = (Event, oneshot::Sender<()>);

/// The store of an attempt at a run.
pub(super) struct Records {
    kept: Mutex<Kept>,
    says: mpsc::UnboundedSender<Said>,
    generation: AtomicI64,
}

/// The records that the engine has kept.
#[derive(Default)]
struct Kept {
    steps: BTreeMap<String, Record>,
    waits: BTreeMap<String, Wait>,
}

impl Records {
    pub(super) fn new(says: mpsc::UnboundedSender<Said>) -> Self {
        Records { kept: Mutex::default(), says, generation: AtomicI64::new(0) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep_step(&self, step: Record) {
        self.kept().steps.insert(step.key.clone(), step);
    }

    pub(super) fn keep_wait(&self, wait: Wait) {
        self.kept().waits.insert(wait.key.clone(), wait);
    }

    /// Changes a pause or a timer.
    pub(super) fn change_wait(&self, key: &str, change: impl FnOnce(&mut Wait)) {
        if let Some(wait) = self.kept().waits.get_mut(key) {
            change(wait);
        }
    }

    pub(super) fn wait_of(&self, key: &str) -> Option<Wait> {
        self.kept().waits.get(key).cloned()
    }

    /// The pauses that wait for an answer, by their keys.
    pub(super) fn open(&self) -> Vec<Wait> {
        let kept = self.kept();
        kept.waits.values().filter(|wait| wait.until.is_none() && wait.answer.is_none()).cloned().collect()
    }

    /// Says that something happened. Completes when the engine has kept it; with `false` if it will not.
    async fn say(&self, event: Event) -> bool {
        let (kept, word) = oneshot::channel();
        self.says.send((event, kept)).is_ok() && word.await.is_ok()
    }
}

impl RunStore for Records {
    fn claim(&self, beginning: Beginning) -> BoxFuture<'_, Result<Claim>> {
        // The engine runs one attempt at a time.
        let generation = self.generation.fetch_add(1, Ordering::Relaxed) + 1;
        let kept = self.kept();
        let entry = |step: &Record| Entry { key: step.key.clone(), input: step.input.clone() };
        let granted = Granted {
            lease: Lease { run: beginning.run, generation },
            entries: kept.steps.values().map(entry).collect(),
            waits: kept.waits.values().cloned().collect(),
        };
        Box::pin(async { Ok(Claim::Granted(granted)) })
    }

    fn renew(&self, _lease: &Lease) -> BoxFuture<'_, Result<Held>> {
        Box::pin(async { Ok(Held::Yes) })
    }

    fn note_gone(&self, _lease: &Lease, _gone: Vec<String>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn release(&self, _lease: Lease, _ending: Ending) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn abandon(&self, _lease: Lease, _ending: Ending) {}

    fn put(&self, _lease: &Lease, record: Record) -> BoxFuture<'_, Result<Held>> {
        let size = record.payload.len();
        if size > LARGEST {
            let message =
                format!("it has {size} bytes, and Restate keeps at most {LARGEST}: keep a reference to it instead");
            return Box::pin(async { Err(Error::new(ErrorKind::BadInput, message)) });
        }
        Box::pin(async move {
            let kept = self.say(Event::Step(record.into())).await;
            Ok(if kept { Held::Yes } else { Held::Lost })
        })
    }

    fn get(&self, _run: &str, key: &str) -> BoxFuture<'_, Result<Option<Record>>> {
        let step = self.kept().steps.get(key).cloned();
        Box::pin(async { Ok(step) })
    }

    fn wait(&self, _lease: &Lease, wait: Wait) -> BoxFuture<'_, Result<Option<Wait>>> {
        let key = wait.key.clone();
        let is_kept = self.wait_of(&key).is_some_and(|known| {
            known.answer.is_some()
                || known.until.is_some()
                || (&known.expects, &known.input) == (&wait.expects, &wait.input)
        });
        Box::pin(async move {
            if !is_kept && !self.say(Event::Wait(wait)).await {
                return Ok(None);
            }
            Ok(self.wait_of(&key))
        })
    }

    fn unanswer(&self, _lease: &Lease, key: &str) -> BoxFuture<'_, Result<()>> {
        let event = Event::Unanswered(key.to_owned());
        Box::pin(async move {
            self.say(event).await;
            Ok(())
        })
    }

    fn heartbeat(&self) -> Duration {
        // The engine notices a worker that is gone.
        Duration::from_hours(1)
    }
}
