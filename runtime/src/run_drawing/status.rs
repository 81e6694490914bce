//! The outcome of a step, as it is drawn.

use super::{format, run_stats::Failure, tree::Tree};
use crate::{Node, host::Instant, observe::event::Position};
use catena_graph::{Outcome, Status};

/// Returns the outcome of a step, with the properties of its runs.
pub(super) fn outcome(tree: &Tree, now: Instant) -> Outcome {
    let seen = &tree.seen;
    let mut outcome = Outcome::new(seen.status());
    if seen.runs() == 1 {
        outcome = outcome.took(format::time(seen.took(now)));
    } else {
        if let Some(shortest) = seen.shortest {
            let (least, most) = (format::time(shortest), format::time(seen.longest));
            outcome = outcome.took(if least == most { format!("{least} each") } else { format!("{least} to {most}") });
        }
        outcome = outcome.note(format::times(seen));
    }
    if matches!(seen.run.structure.0, Node::Retry { .. }) && seen.runs() == 1 {
        outcome = outcome.attempts(attempts(tree));
    }
    if let Some(items) = seen.items.filter(|_| seen.running > 0) {
        let done: u64 = tree.parts.iter().map(|part| part.seen.ended.all()).sum();
        outcome = outcome.note(format!("{} of {} done", format::count(done), format::count(items)));
    }
    if seen.chunks > 1 {
        outcome = outcome.note(format!("{} chunks", format::count(seen.chunks)));
    }
    if let Some(cost) = seen.cost {
        outcome = outcome.note(format::dollars(cost));
    }
    if !seen.tokens.is_none() {
        outcome = outcome.note(format::tokens(seen.tokens));
    }
    let said_within = |error: &Failure| {
        tree.parts.iter().filter_map(|part| part.seen.error.as_ref()).any(|inner| inner.message == error.message)
    };
    match &seen.error {
        // The step in it that failed says why.
        Some(error) if !said_within(error) => outcome.error(error.whole.as_str()),
        _ => outcome,
    }
}

/// Returns the number of attempts.
pub(super) fn attempts(tree: &Tree) -> u32 {
    let last = tree.parts.iter().filter_map(|part| match part.seen.run.place {
        Position::Attempt(number) => Some(number),
        _ => None,
    });
    let counted: u64 = tree.parts.iter().map(|part| part.seen.runs()).sum();
    last.max().unwrap_or(0).max(u32::try_from(counted).unwrap_or(u32::MAX))
}

/// Returns whether its parts show all that it shows.
pub(super) fn goes_without_saying(tree: &Tree) -> bool {
    let transparent = match tree.seen.run.structure.0 {
        Node::Retry { .. } => attempts(tree) <= 1,
        Node::Fallback(_) | Node::Race(_) | Node::Branch(_) => true,
        _ => false,
    };
    transparent && !tree.parts.is_empty() && tree.seen.status() == Status::Ok && tree.seen.runs() == 1
}
