//! Runs with the runs within them, at one moment.

use super::run_stats::{Seen, alike};

/// A run, or many of the same step summed up, with what ran in it, in the order of their starts.
#[derive(Clone)]
pub(super) struct Tree {
    pub(super) seen: Seen,
    /// The numbers of the runs that are in it and kept by themselves.
    pub(super) numbers: Vec<u64>,
    pub(super) parts: Vec<Tree>,
    /// It stands for runs that are not kept by themselves.
    pub(super) is_rest: bool,
}

impl Tree {
    /// With runs of the same step, and those in them, added.
    pub(super) fn absorb(&mut self, other: Tree) {
        self.seen.absorb(other.seen);
        self.numbers.extend(other.numbers);
        for part in other.parts {
            add(&mut self.parts, part);
        }
    }

    /// Each step in it once.
    pub(super) fn summed(mut self) -> Tree {
        let parts = std::mem::take(&mut self.parts);
        for part in parts {
            add(&mut self.parts, part.summed());
        }
        self
    }
}

/// The number of different steps that are counted separately within one, in a sum. The number of names may be unbounded.
const DIFFERENT: usize = 100;

fn add(parts: &mut Vec<Tree>, part: Tree) {
    let full = parts.len() >= DIFFERENT;
    let like = parts.iter().position(|known| alike(&known.seen.run, &part.seen.run));
    match like.or(full.then_some(DIFFERENT - 1)) {
        Some(at) => parts[at].absorb(part),
        None => parts.push(part),
    }
}

/// Runs of the same step together, in the order of their first.
pub(super) fn groups(trees: Vec<Tree>) -> Vec<Vec<Tree>> {
    let mut groups: Vec<Vec<Tree>> = Vec::new();
    for tree in trees {
        match groups.iter_mut().find(|group| alike(&group[0].seen.run, &tree.seen.run)) {
            Some(group) => group.push(tree),
            None => groups.push(vec![tree]),
        }
    }
    groups
}

/// Runs of the same step as one.
pub(super) fn united(group: Vec<Tree>) -> Option<Tree> {
    let mut group = group.into_iter();
    let first = group.next()?;
    if group.len() == 0 {
        return Some(first);
    }
    let mut sum = first.summed();
    for tree in group {
        sum.absorb(tree);
    }
    Some(sum)
}
