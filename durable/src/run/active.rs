//! A run while a process runs it.

use super::{
    durable_run::DurableRun,
    names,
    ticket::{Opened, Ticket},
};
use crate::{
    error::{JournalError, Paused},
    journal::info::{RunState, millis, time},
    record::{Entry, digest::Digest, key, outcome::unwritable},
    step::OnChange,
    store::{Beginning, Claim, Ending, Granted, Held, Lease, Wait},
};
use catena::{CancellationToken, Component, Context, Error, ErrorKind, Lifecycle, Result};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// The pause between two looks at a run that another process runs.
const LOOK: Duration = Duration::from_millis(50);

/// The run that a [context](Context) belongs to. A clone is the same run.
#[derive(Clone)]
pub(crate) struct Active(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) run: DurableRun,
    token: CancellationToken,
    claiming: tokio::sync::Mutex<()>,
    claimed: RwLock<Option<Arc<Claimed>>>,
}

/// A run that this process has claimed.
pub(crate) struct Claimed {
    pub(crate) lease: Lease,
    /// The hash of the chain; empty if it is not known.
    pub(crate) chain: String,
    slots: Mutex<HashMap<String, Slot>>,
    waits: Mutex<HashMap<String, Wait>>,
    lost: Arc<AtomicBool>,
    heartbeat: Option<JoinHandle<()>>,
}

/// The answer to a claim.
enum Asked {
    Granted(Arc<Claimed>, Vec<Entry>),
    Refused(Claim),
}

/// The state of a key.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// There is a record, of an input with this hash.
    Kept(Digest),
    /// The step runs.
    Pending,
}

impl Claimed {
    pub(crate) fn slots(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waits(&self) -> MutexGuard<'_, HashMap<String, Wait>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.abort();
        }
    }
}

impl Active {
    pub(crate) fn new(run: DurableRun, token: CancellationToken) -> Self {
        let claiming = tokio::sync::Mutex::new(());
        Active(Arc::new(Inner { run, token, claiming, claimed: RwLock::default() }))
    }

    /// Returns the run of a context, if it is under a journal.
    #[inline]
    pub(crate) fn of(cx: &Context) -> Option<&Active> {
        cx.get()
    }

    pub(crate) fn run(&self) -> &DurableRun {
        &self.0.run
    }

    fn now(&self) -> i64 {
        self.0.run.core.now()
    }

    fn current(&self) -> Option<Arc<Claimed>> {
        self.0.claimed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, claimed: Option<Arc<Claimed>>) -> Option<Arc<Claimed>> {
        std::mem::replace(&mut *self.0.claimed.write().unwrap_or_else(PoisonError::into_inner), claimed)
    }

    /// Returns the run, which is claimed if it is not yet: a part of a chain and a batch do not begin one.
    pub(crate) async fn claimed(&self) -> Result<Arc<Claimed>> {
        if let Some(claimed) = self.current() {
            return Ok(claimed);
        }
        let _one = self.0.claiming.lock().await;
        match self.current() {
            Some(claimed) => Ok(claimed),
            None => self.claim(None).await,
        }
    }

    /// Claims the run for a chain, of which the parts may be known.
    async fn claim(&self, chain: Option<&Component>) -> Result<Arc<Claimed>> {
        let DurableRun { core, id, wait, .. } = &self.0.run;
        crate::journal::check_id(id)?;
        let names = chain.map(names::of).transpose()?;
        let chain = match (chain, &names) {
            (Some(chain), Some(_)) => Digest::of_value(&Value::String(format!("{chain:?}"))).text().to_owned(),
            _ => String::new(),
        };
        let begun = Instant::now();
        let (claimed, entries) = loop {
            let beginning =
                Beginning { run: id.clone(), chain: chain.clone(), process: core.process.clone(), now: self.now() };
            match self.ask(beginning).await? {
                Asked::Granted(claimed, entries) => break (claimed, entries),
                Asked::Refused(Claim::Granted(_)) => {}
                Asked::Refused(Claim::Cancelled) => return Err(JournalError::Cancelled { run: id.clone() }.into()),
                Asked::Refused(Claim::Held(_)) if begun.elapsed() < *wait => tokio::time::sleep(LOOK).await,
                Asked::Refused(Claim::Held(process)) => {
                    return Err(JournalError::InUse { run: id.clone(), process }.into());
                }
            }
        };
        if let Some(names) = names {
            self.note_gone(&claimed, &entries, &names).await?;
        }
        Ok(claimed)
    }

    /// Asks for the lease, in a task of its own: a lease that was granted to a call that was dropped is given back.
    async fn ask(&self, beginning: Beginning) -> Result<Asked> {
        let this = self.clone();
        let ask = async move {
            let chain = beginning.chain.clone();
            match this.0.run.core.store.claim(beginning).await? {
                Claim::Granted(granted) => Ok(this.granted(granted, chain)),
                refused => Ok(Asked::Refused(refused)),
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => runtime.spawn(ask).await.unwrap_or_else(|error| Err(Error::other(error))),
            Err(_) => ask.await,
        }
    }

    fn granted(&self, granted: Granted, chain: String) -> Asked {
        let Granted { lease, entries, waits } = granted;
        let lost = Arc::new(AtomicBool::new(false));
        let claimed = Arc::new(Claimed {
            heartbeat: self.heartbeat(lease.clone(), Arc::clone(&lost)),
            lease,
            chain,
            slots: Mutex::new(
                entries.iter().map(|entry| (entry.key.clone(), Slot::Kept(entry.input.clone()))).collect(),
            ),
            waits: Mutex::new(waits.into_iter().map(|wait| (wait.key.clone(), wait)).collect()),
            lost,
        });
        self.set(Some(Arc::clone(&claimed)));
        Asked::Granted(claimed, entries)
    }

    /// Notes the records that no step of the chain has any more.
    async fn note_gone(&self, claimed: &Claimed, entries: &[Entry], names: &HashSet<String>) -> Result<()> {
        let gone = entries.iter().map(|entry| &entry.key).filter(|key| !names::has(names, key));
        let gone: Vec<String> = gone.cloned().collect();
        if !gone.is_empty() {
            tracing::warn!(
                target: "catena_durable",
                run = claimed.lease.run,
                gone = gone.join(", "),
                "the chain has no steps of these names any more: their records are not used"
            );
        }
        if entries.is_empty() {
            return Ok(());
        }
        self.0.run.core.store.note_gone(&claimed.lease, gone).await
    }

    /// Keeps the lease alive, and cancels the run if it is lost or was cancelled in the journal.
    fn heartbeat(&self, lease: Lease, lost: Arc<AtomicBool>) -> Option<JoinHandle<()>> {
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        // The journal is closed when the last user of it is gone, who this is not.
        let (core, token) = (Arc::downgrade(&self.0.run.core), self.0.token.clone());
        let (interval, ends) = (self.0.run.core.store.heartbeat(), self.0.run.core.store.lease());
        Some(runtime.spawn(async move {
            let mut renewed = Instant::now();
            loop {
                tokio::time::sleep(interval).await;
                let Some(core) = core.upgrade() else { return };
                let asked = Instant::now();
                let renewal = core.store.renew(&lease);
                let held = match ends.map(|ends| ends.saturating_sub(renewed.elapsed())) {
                    None => renewal.await,
                    Some(left) => tokio::time::timeout(left, renewal).await.unwrap_or(Ok(Held::Lost)),
                };
                match held {
                    Ok(Held::Yes) => renewed = asked,
                    Ok(Held::Cancelled) => return token.cancel(),
                    Ok(Held::Lost) => {
                        lost.store(true, Ordering::Relaxed);
                        return token.cancel();
                    }
                    Err(error) => {
                        tracing::warn!(target: "catena_durable", run = lease.run, %error, "the journal cannot be reached");
                    }
                }
            }
        }))
    }

    /// Opens a step of this name: its record, or the right to run it.
    pub(crate) async fn open(
        &self,
        name: &str,
        on_change: Option<OnChange>,
        cx: &Context,
        input: serde_json::Result<Value>,
    ) -> Result<Opened> {
        let claimed = self.claimed().await?;
        key::check(name)?;
        let key = key::of(cx, name);
        let input = input.map_err(|error| unwritable(&key, &error))?;
        let input = Digest::of_value(&input);
        let before = claimed.slots().get(&key).cloned();
        match &before {
            Some(Slot::Pending) => return Err(JournalError::Concurrent { key }.into()),
            Some(Slot::Kept(kept)) if *kept == input => {
                let record = self.0.run.core.store.get(&claimed.lease.run, &key).await?;
                match record {
                    Some(record) if record.input == input => return Ok(Opened::Replay(record)),
                    _ => tracing::warn!(
                        target: "catena_durable",
                        run = claimed.lease.run,
                        key,
                        "a record was not written whole, and the step runs again"
                    ),
                }
            }
            Some(Slot::Kept(kept)) if on_change.unwrap_or(self.0.run.on_change) == OnChange::Fail => {
                let (kept, given) = (kept.to_string(), input.to_string());
                return Err(JournalError::InputChanged { key, kept, given }.into());
            }
            Some(Slot::Kept(_)) | None => {}
        }
        // Looked at again: the lock was free in between.
        if matches!(claimed.slots().insert(key.clone(), Slot::Pending), Some(Slot::Pending)) {
            return Err(JournalError::Concurrent { key }.into());
        }
        Ok(Opened::Live(Ticket::new(self.clone(), claimed, key, input, before, self.now())))
    }

    /// Comes to a pause or a timer. Returns the answer of a pause, as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Paused`] if there is no answer yet, or it is not yet time.
    pub(crate) async fn wait(
        &self,
        name: &str,
        cx: &Context,
        expects: &str,
        input: serde_json::Result<Value>,
        until: Option<std::time::SystemTime>,
    ) -> Result<(String, String)> {
        let claimed = self.claimed().await?;
        key::check(name)?;
        let key = key::of(cx, name);
        let input = input.map_err(|error| unwritable(&key, &error))?;
        let known = claimed.waits().get(&key).cloned();
        let is_open = |wait: &Wait| wait.answer.is_none() && wait.until.is_none();
        let asked = || Wait {
            key: key.clone(),
            expects: expects.to_owned(),
            input: input.to_string(),
            since: self.now(),
            until: until.map(millis),
            answer: None,
            answered: None,
        };
        let wait = match known {
            Some(known) if !is_open(&known) => known,
            _ => self.ask_for(&claimed, asked()).await?,
        };
        let paused = |until| Error::from(Paused { run: self.0.run.id.clone(), key: key.clone(), until });
        match (wait.until, wait.answer) {
            (Some(until), _) if self.now() < until => Err(paused(Some(time(until)))),
            (Some(_), _) => Ok((key, "null".to_owned())),
            (None, None) => Err(paused(None)),
            (None, Some(answer)) => {
                let kept = Digest::of_value(&serde_json::from_str(&wait.input).unwrap_or_default());
                let given = Digest::of_value(&input);
                if kept == given {
                    return Ok((key, answer));
                }
                if self.0.run.on_change == OnChange::Fail {
                    let (kept, given) = (kept.to_string(), given.to_string());
                    return Err(JournalError::InputChanged { key, kept, given }.into());
                }
                // The answer was to another question: it is asked again.
                self.unanswer(&key).await?;
                self.ask_for(&claimed, asked()).await?;
                Err(paused(None))
            }
        }
    }

    /// Keeps a pause or a timer. Returns the one that is kept.
    async fn ask_for(&self, claimed: &Claimed, wait: Wait) -> Result<Wait> {
        let kept = self.0.run.core.store.wait(&claimed.lease, wait).await?;
        let kept = kept.ok_or_else(|| Error::from(self.lost()))?;
        claimed.waits().insert(kept.key.clone(), kept.clone());
        Ok(kept)
    }

    /// Takes back an answer that could not be read: the pause waits again.
    pub(crate) async fn unanswer(&self, key: &str) -> Result<()> {
        let claimed = self.claimed().await?;
        claimed.waits().remove(key);
        self.0.run.core.store.unanswer(&claimed.lease, key).await
    }

    /// The run belongs to another process.
    pub(crate) fn lost(&self) -> JournalError {
        self.0.token.cancel();
        JournalError::Lost { run: self.0.run.id.clone() }
    }

    async fn finish(&self, error: Option<&Error>) {
        let Some(claimed) = self.set(None) else { return };
        let state = match error.map(Error::kind) {
            None => RunState::Completed,
            Some(ErrorKind::Paused) => RunState::Paused,
            Some(ErrorKind::Cancelled) => RunState::Interrupted,
            Some(_) => RunState::Failed,
        };
        let ending = Ending { state, error: error.map(ToString::to_string), now: self.now() };
        if claimed.lost.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = self.0.run.core.store.release(claimed.lease.clone(), ending).await {
            tracing::warn!(target: "catena_durable", run = claimed.lease.run, %error, "the end of a run could not be kept");
        }
    }
}

impl Lifecycle for Active {
    fn begin<'a>(&'a self, chain: &'a Component) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let _one = self.0.claiming.lock().await;
            if self.current().is_some() {
                let (run, process) = (self.0.run.id.clone(), self.0.run.core.process.clone());
                return Err(JournalError::InUse { run, process }.into());
            }
            self.claim(Some(chain)).await.map(drop)
        })
    }

    fn end<'a>(&'a self, error: Option<&'a Error>) -> BoxFuture<'a, ()> {
        Box::pin(self.finish(error))
    }
}

/// A run that was dropped is given back.
impl Drop for Inner {
    fn drop(&mut self) {
        let claimed = self.claimed.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(claimed) = claimed {
            let ending = Ending { state: RunState::Interrupted, error: None, now: self.run.core.now() };
            self.run.core.store.abandon(claimed.lease.clone(), ending);
        }
    }
}
