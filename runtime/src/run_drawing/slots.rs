//! Which part of a picture a run is of, and which parts did not run.

use super::tree::Tree;
use crate::{Node, observe::event::Position};
use catena_graph::{Field, Shape, Status, Step, Track};
use std::mem;

/// The runs within a run, by the part of it they are drawn in.
pub(super) struct Taken {
    pub(super) slots: Vec<Vec<Tree>>,
    pub(super) left: Vec<Tree>,
}

impl Taken {
    pub(super) fn new(track: &Track, runs: Vec<Tree>) -> Self {
        let count = track.parts().len();
        let mut taken = Taken { slots: (0..count).map(|_| Vec::new()).collect(), left: Vec::new() };
        let runs = match &track.shape {
            Shape::Fallback(_) | Shape::Race(_) => unfolded(runs, count),
            _ => runs,
        };
        for run in runs {
            match taken.slot(track, &run) {
                Some(at) if at < count => taken.slots[at].push(run),
                _ => taken.left.push(run),
            }
        }
        if matches!(track.shape, Shape::Retry { .. }) {
            // What the last attempt came to is drawn; how many there were is said.
            let attempts = mem::take(&mut taken.slots[0]);
            taken.slots[0].extend(attempts.into_iter().max_by_key(|attempt| attempt.seen.begin));
        }
        taken
    }

    fn slot(&self, track: &Track, run: &Tree) -> Option<usize> {
        match (&track.shape, run.seen.run.place) {
            (Shape::Sequence(_), Position::Step(number)) | (Shape::Branch(_), Position::Arm(number)) => {
                number.checked_sub(1)
            }
            // One that chooses, and what it has chosen.
            (Shape::Sequence(tracks), Position::Free) if tracks.len() == 2 => {
                (0..2).find(|at| self.slots[*at].is_empty())
            }
            (Shape::Parallel(fields), Position::Field(name)) => {
                let filled = fields.iter().filter_map(|field| match field {
                    Field::Filled { name, .. } => Some(name.as_str()),
                    _ => None,
                });
                filled.into_iter().position(|field| field == name)
            }
            (Shape::Branch(arms), Position::Default) => {
                arms.iter().rposition(|arm| arm.pattern.trim() == "_").or_else(|| arms.len().checked_sub(1))
            }
            (Shape::Retry { .. }, Position::Attempt(_)) | (Shape::Map(_), Position::Free) => Some(0),
            (Shape::Fallback(parts) | Shape::Race(parts), Position::Free) => {
                let free = |at: &usize| self.slots[*at].is_empty();
                let named = (0..parts.len()).filter(free).find(|at| title(&parts[*at]) == Some(run.seen.run.name()));
                named.or_else(|| (0..parts.len()).find(free))
            }
            // The one that chooses; what it chooses is drawn beneath.
            (Shape::Choice(_), Position::Free) => self.slots[0].is_empty().then_some(0),
            _ => None,
        }
    }
}

/// The name of the step in a part, where it is a single one.
fn title(track: &Track) -> Option<&str> {
    match &track.shape {
        Shape::Step(Step { name, .. }) => Some(name.as_str()),
        Shape::Named { name, .. } => Some(name),
        Shape::Timeout { track, .. }
        | Shape::Retry { track, .. }
        | Shape::Configured { track, .. }
        | Shape::Spawned(track) => title(track),
        Shape::Sequence(tracks) if tracks.len() == 1 => title(&tracks[0]),
        _ => None,
    }
}

/// `(a or b) or c` as three, where it is drawn so.
fn unfolded(mut runs: Vec<Tree>, count: usize) -> Vec<Tree> {
    while runs.len() < count
        && let Some(at) =
            runs.iter().position(|run| matches!(run.seen.run.structure.0, Node::Fallback(_) | Node::Race(_)))
        && count > 2
    {
        let parts = mem::take(&mut runs[at].parts);
        runs.splice(at..=at, parts);
    }
    runs
}

/// The parts that certainly did not run. Not all steps have runs of their own: without one, nothing is known.
pub(super) fn skipped(track: &Track, slots: &[Vec<Tree>], tree: &Tree) -> Vec<usize> {
    let last = slots.iter().rposition(|runs| !runs.is_empty());
    let over = tree.seen.running == 0;
    match &track.shape {
        Shape::Sequence(tracks) => {
            let stopped = last.is_some_and(|at| slots[at].iter().all(|run| run.seen.ended.ok == 0));
            let from = match last {
                Some(at) if stopped => at + 1,
                // A step without a run of its own may be the one that failed.
                Some(at) => at + 2,
                None => 1,
            };
            if over && tree.seen.status() != Status::Ok { (from..tracks.len()).collect() } else { Vec::new() }
        }
        Shape::Branch(arms) if last.is_some() => (0..arms.len()).collect(),
        Shape::Fallback(tracks) if over && last.is_some() => (last.map_or(0, |at| at + 1)..tracks.len()).collect(),
        _ => Vec::new(),
    }
}
