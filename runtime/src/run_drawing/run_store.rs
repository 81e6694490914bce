//! The runs that were seen, in bounded memory.

use super::{
    run_stats::{Seen, alike},
    tree::Tree,
};
use crate::{Run, RunId, host::Instant};
use catena_graph::Status;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// The number of runs of one step within one run that are stored individually, and of further ones that failed.
const ALIKE: usize = 100;
/// The number of finished runs that are stored individually in all.
const MOST: usize = 10_000;
/// The number of different steps that are counted separately within one run.
const DIFFERENT: usize = 100;

/// Every run that has not ended, and those that are kept of the others; what is not kept is summed up by step.
#[derive(Default)]
pub(super) struct Log {
    held: HashMap<u64, Held>,
    open: HashMap<RunId, u64>,
    outermost: Parts,
    begun: u64,
    kept: usize,
}

struct Held {
    seen: Seen,
    around: Option<u64>,
    parts: Parts,
}

/// The runs within a run.
#[derive(Default)]
struct Parts {
    held: BTreeSet<u64>,
    alike: Vec<Alike>,
}

/// The runs of one step within a run.
struct Alike {
    run: Arc<Run>,
    kept: usize,
    failed: usize,
    rest: Option<Tree>,
}

impl Parts {
    fn of(&mut self, run: &Arc<Run>) -> &mut Alike {
        let at = match self.alike.iter().position(|known| alike(&known.run, run)) {
            Some(at) => at,
            None if self.alike.len() < DIFFERENT => {
                self.alike.push(Alike { run: Arc::clone(run), kept: 0, failed: 0, rest: None });
                self.alike.len() - 1
            }
            None => DIFFERENT - 1,
        };
        &mut self.alike[at]
    }
}

impl Log {
    /// A run begins.
    pub(super) fn begin(&mut self, run: &Arc<Run>, now: Instant) -> &mut Seen {
        let around = run.parent().and_then(|parent| self.open.get(&parent.id()).copied());
        let number = self.begun;
        self.begun += 1;
        self.open.insert(run.id(), number);
        self.parts(around).held.insert(number);
        let held = Held { seen: Seen::begun(Arc::clone(run), now), around, parts: Parts::default() };
        &mut self.held.entry(number).or_insert(held).seen
    }

    /// A run that has not ended.
    pub(super) fn open(&mut self, id: RunId) -> Option<&mut Seen> {
        self.open.get(&id).and_then(|number| self.held.get_mut(number)).map(|held| &mut held.seen)
    }

    /// The number of runs that have begun.
    #[cfg(feature = "progress")]
    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    /// Returns `true` if nothing runs.
    #[cfg(feature = "progress")]
    pub(super) fn is_quiet(&self) -> bool {
        self.open.is_empty()
    }

    /// A run has ended: it is kept, or becomes part of a sum.
    pub(super) fn end(&mut self, id: RunId, status: Status, now: Instant) {
        let Some(number) = self.open.remove(&id) else { return };
        let Some(held) = self.held.get_mut(&number) else { return };
        held.seen.end(status, now);
        let (around, run) = (held.around, Arc::clone(&held.seen.run));
        let room = self.kept < MOST;
        let alike = self.parts(around).of(&run);
        if room && alike.kept < ALIKE {
            alike.kept += 1;
        } else if room && status == Status::Failed && alike.failed < ALIKE {
            alike.failed += 1;
        } else {
            return self.sum_up(number, around, now);
        }
        self.kept += 1;
    }

    fn sum_up(&mut self, number: u64, around: Option<u64>, now: Instant) {
        let Some(tree) = self.take(number, now) else { return };
        let mut tree = tree.summed();
        forget(&mut tree);
        let parts = self.parts(around);
        parts.held.remove(&number);
        let alike = parts.of(&tree.seen.run);
        match &mut alike.rest {
            Some(rest) => rest.absorb(tree),
            None => alike.rest = Some(tree),
        }
    }

    fn parts(&mut self, around: Option<u64>) -> &mut Parts {
        match around.and_then(|number| self.held.get_mut(&number)) {
            Some(held) => &mut held.parts,
            None => &mut self.outermost,
        }
    }

    /// A run with all in it, which is no longer held. What had not ended in it was stopped with it.
    fn take(&mut self, number: u64, now: Instant) -> Option<Tree> {
        let mut held = self.held.remove(&number)?;
        let mut parts = Vec::new();
        for part in std::mem::take(&mut held.parts.held) {
            if self.open.remove(&self.held.get(&part)?.seen.run.id()).is_some() {
                if let Some(part) = self.held.get_mut(&part) {
                    part.seen.end(Status::Cancelled, now);
                }
            } else {
                self.kept -= 1;
            }
            parts.extend(self.take(part, now));
        }
        parts.extend(held.parts.alike.into_iter().filter_map(|alike| alike.rest));
        Some(Tree { seen: held.seen, numbers: vec![number], parts, is_rest: false })
    }

    /// Returns the runs so far, outermost first.
    pub(super) fn trees(&self) -> Vec<Tree> {
        self.trees_of(&self.outermost)
    }

    /// The number of a run that has not ended.
    #[cfg(feature = "progress")]
    pub(super) fn number(&self, id: RunId) -> Option<u64> {
        self.open.get(&id).copied()
    }

    /// A run that is kept, with all in it.
    pub(super) fn tree(&self, number: u64) -> Option<Tree> {
        let held = self.held.get(&number)?;
        let parts = self.trees_of(&held.parts);
        Some(Tree { seen: held.seen.clone(), numbers: vec![number], parts, is_rest: false })
    }

    fn trees_of(&self, parts: &Parts) -> Vec<Tree> {
        let held = parts.held.iter().filter_map(|number| self.tree(*number));
        held.chain(parts.alike.iter().filter_map(|alike| alike.rest.clone())).collect()
    }
}

/// The runs in it are no longer kept by themselves.
fn forget(tree: &mut Tree) {
    tree.numbers.clear();
    tree.is_rest = true;
    (tree.seen.input, tree.seen.output) = (None, None);
    tree.parts.iter_mut().for_each(forget);
}
