//! What was seen of a step: when it was called, how many calls ran at once, which were stopped half-way.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::Instant;

/// A record that clones share.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    calls: Mutex<Vec<Instant>>,
    running: AtomicUsize,
    peak: AtomicUsize,
    stopped: AtomicUsize,
    pieces: AtomicUsize,
}

/// One call, from its begin to its drop.
#[derive(Debug)]
pub struct Call {
    log: Log,
    number: usize,
    finished: bool,
}

impl Log {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Log::default()
    }

    /// A call begins.
    pub fn begin(&self) -> Call {
        let mut calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(Instant::now());
        let running = self.0.running.fetch_add(1, SeqCst) + 1;
        self.0.peak.fetch_max(running, SeqCst);
        Call { log: self.clone(), number: calls.len() - 1, finished: false }
    }

    /// How often it was called.
    pub fn calls(&self) -> usize {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// When each call came, counted from the first.
    pub fn times(&self) -> Vec<Duration> {
        let calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().map(|at| at.duration_since(calls[0])).collect()
    }

    /// How many calls run now.
    pub fn running(&self) -> usize {
        self.0.running.load(SeqCst)
    }

    /// The most calls that ran at once.
    pub fn peak(&self) -> usize {
        self.0.peak.load(SeqCst)
    }

    /// How many calls were dropped before their end.
    pub fn stopped(&self) -> usize {
        self.0.stopped.load(SeqCst)
    }

    /// How many pieces were made.
    pub fn pieces(&self) -> usize {
        self.0.pieces.load(SeqCst)
    }
}

impl Call {
    /// Which call this is, from zero.
    pub fn number(&self) -> usize {
        self.number
    }

    /// A piece was made.
    pub fn piece(&self) {
        self.log.0.pieces.fetch_add(1, SeqCst);
    }

    /// It came to its end, whichever that is.
    pub fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.log.0.running.fetch_sub(1, SeqCst);
        if !self.finished {
            self.log.0.stopped.fetch_add(1, SeqCst);
        }
    }
}
