//! The properties of a run, and the sums of several runs of the same step.

use super::tokens::Tokens;
use crate::{Run, host::Instant, observe::event::Position};
use catena_graph::Status;
use std::{mem::discriminant, sync::Arc, time::Duration};

/// A run, or many of the same step, summed up.
#[derive(Clone)]
pub(super) struct Seen {
    /// The run; the first, where there are many.
    pub(super) run: Arc<Run>,
    pub(super) ended: Ended,
    pub(super) running: u64,
    pub(super) begin: Instant,
    /// When the last one ended.
    pub(super) end: Option<Instant>,
    pub(super) shortest: Option<Duration>,
    pub(super) longest: Duration,
    pub(super) chunks: u64,
    /// Events of the steps' own.
    pub(super) custom: u64,
    pub(super) tokens: Tokens,
    pub(super) cost: Option<f64>,
    pub(super) model: Option<String>,
    /// The first error.
    pub(super) error: Option<Failure>,
    /// The number of items of a map, if it is known.
    pub(super) items: Option<u64>,
    pub(super) input: Option<String>,
    pub(super) output: Option<String>,
}

/// An error.
#[derive(Clone)]
pub(super) struct Failure {
    /// The identity that it shares with the errors of the runs around it.
    pub(super) message: String,
    /// All of it, in a line.
    pub(super) whole: String,
}

/// The numbers of runs by outcome.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ended {
    pub(super) ok: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
}

impl Ended {
    pub(super) fn all(self) -> u64 {
        self.ok + self.failed + self.cancelled
    }
}

impl Seen {
    pub(super) fn begun(run: Arc<Run>, now: Instant) -> Self {
        Seen {
            run,
            ended: Ended::default(),
            running: 1,
            begin: now,
            end: None,
            shortest: None,
            longest: Duration::ZERO,
            chunks: 0,
            custom: 0,
            tokens: Tokens::default(),
            cost: None,
            model: None,
            error: None,
            items: None,
            input: None,
            output: None,
        }
    }

    pub(super) fn end(&mut self, status: Status, now: Instant) {
        self.running = self.running.saturating_sub(1);
        match status {
            Status::Failed => self.ended.failed += 1,
            Status::Cancelled => self.ended.cancelled += 1,
            _ => self.ended.ok += 1,
        }
        let took = now.saturating_duration_since(self.begin);
        self.end = Some(now);
        self.shortest = Some(took);
        self.longest = took;
    }

    pub(super) fn runs(&self) -> u64 {
        self.running + self.ended.all()
    }

    /// Of many, the worst.
    pub(super) fn status(&self) -> Status {
        match self.ended {
            _ if self.running > 0 => Status::Running,
            Ended { failed: 1.., .. } => Status::Failed,
            Ended { cancelled: 1.., .. } => Status::Cancelled,
            _ => Status::Ok,
        }
    }

    /// From the first start to the last end, or to now.
    pub(super) fn took(&self, now: Instant) -> Duration {
        let end = if self.running > 0 { now } else { self.end.unwrap_or(now) };
        end.saturating_duration_since(self.begin)
    }

    /// Runs of the same step, added to these.
    pub(super) fn absorb(&mut self, other: Seen) {
        self.ended.ok += other.ended.ok;
        self.ended.failed += other.ended.failed;
        self.ended.cancelled += other.ended.cancelled;
        self.running += other.running;
        self.begin = self.begin.min(other.begin);
        self.end = self.end.max(other.end);
        self.shortest = [self.shortest, other.shortest].into_iter().flatten().min();
        self.longest = self.longest.max(other.longest);
        self.chunks += other.chunks;
        self.custom += other.custom;
        self.tokens.add(other.tokens);
        self.cost = sum(self.cost, other.cost);
        self.items = self.items.zip(other.items).map(|(one, other)| one + other);
        if self.model != other.model {
            self.model = None;
        }
        self.error = self.error.take().or(other.error);
        // Values are of single runs.
        (self.input, self.output) = (None, None);
    }
}

/// Returns `true` if the runs are of the same step in the same place.
pub(super) fn alike(one: &Run, other: &Run) -> bool {
    let place = match (one.place, other.place) {
        // Attempts may be many.
        (Position::Attempt(_), Position::Attempt(_)) => true,
        (one, other) => one == other,
    };
    place
        && one.name == other.name
        && one.kind == other.kind
        && discriminant(one.structure.0) == discriminant(other.structure.0)
}

pub(super) fn sum(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    }
}
