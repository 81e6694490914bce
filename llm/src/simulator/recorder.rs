//! A record of the requests and their outcomes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{Provider, Request};

/// A request with its outcome.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Recorded {
    /// The request.
    pub request: Request,
    /// The time of arrival since the simulator's start, on tokio's clock.
    pub arrived: Duration,
    /// The time at which the outcome was known, on the same clock.
    pub finished: Option<Duration>,
    /// The status, once it was sent.
    pub status: Option<u16>,
    /// The outcome.
    pub outcome: Outcome,
}

impl Recorded {
    /// Returns whether the client left before the answer was complete.
    pub fn client_left(&self) -> bool {
        self.outcome == Outcome::ClientLeft
    }
}

/// The outcome of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The answer is not complete yet.
    InFlight,
    /// The whole answer was sent.
    Sent,
    /// The simulator dropped the connection, as scripted.
    Cut,
    /// The client closed the connection before the answer was complete.
    ClientLeft,
}

/// The numbers of requests.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Load {
    pub(super) received: usize,
    pub(super) in_flight: usize,
    pub(super) peak: usize,
}

#[derive(Debug)]
pub(super) struct Recorder {
    start: Instant,
    records: Mutex<BTreeMap<usize, Recorded>>,
    attempts: Mutex<HashMap<(Provider, String), usize>>,
    load: watch::Sender<Load>,
}

impl Recorder {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            records: Mutex::default(),
            attempts: Mutex::default(),
            load: watch::Sender::new(Load::default()),
        }
    }

    /// Counts a request for this model.
    pub(super) fn attempt(&self, provider: Provider, model: &str) -> usize {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = attempts.entry((provider, model.to_owned())).or_default();
        *attempt += 1;
        *attempt
    }

    /// Records a request, which is in flight until the tracker is finished or dropped.
    pub(super) fn track(self: &Arc<Self>, request: Request, arrived: Instant) -> Tracker {
        let arrived = arrived.saturating_duration_since(self.start);
        let record = Recorded { request, arrived, finished: None, status: None, outcome: Outcome::InFlight };
        let mut records = self.records();
        let mut number = 0;
        self.load.send_modify(|load| {
            number = load.received;
            load.received += 1;
            load.in_flight += 1;
            load.peak = load.peak.max(load.in_flight);
        });
        records.insert(number, record);
        Tracker { recorder: Arc::clone(self), number, finished: false }
    }

    pub(super) fn all(&self) -> Vec<Recorded> {
        self.records().values().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.records().clear();
    }

    pub(super) fn load(&self) -> Load {
        *self.load.borrow()
    }

    /// Waits until the load satisfies the predicate.
    pub(super) async fn until(&self, wanted: impl FnMut(&Load) -> bool) {
        // It fails only if the sender is dropped, which `self` holds.
        let _ = self.load.subscribe().wait_for(wanted).await;
    }

    fn records(&self) -> MutexGuard<'_, BTreeMap<usize, Recorded>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in flight. If it is dropped unfinished, the client has left, because nothing else drops it.
#[derive(Debug)]
pub(super) struct Tracker {
    recorder: Arc<Recorder>,
    number: usize,
    finished: bool,
}

impl Tracker {
    pub(super) fn status(&self, status: u16) {
        if let Some(record) = self.recorder.records().get_mut(&self.number) {
            record.status = Some(status);
        }
    }

    pub(super) fn finish(&mut self, outcome: Outcome) {
        if std::mem::replace(&mut self.finished, true) {
            return;
        }
        if let Some(record) = self.recorder.records().get_mut(&self.number) {
            record.finished = Some(self.recorder.start.elapsed());
            record.outcome = outcome;
        }
        self.recorder.load.send_modify(|load| load.in_flight -= 1);
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        self.finish(Outcome::ClientLeft);
    }
}
