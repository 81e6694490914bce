//! A part of a chain, and the parts around it.

use super::{Kind, Leaf, Node};

/// A part of a chain's structure, visited by a [`Walk`](crate::Walk), and the parts around it.
///
/// "Within" means directly or at any depth: a model in a chain with a timeout is within the timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Visit<'a> {
    /// The part.
    pub node: &'a Node,
    /// The number of parts around it.
    pub depth: usize,
    /// Its word in the chain, or an empty text.
    pub label: &'static str,
    pub(super) around: Surroundings,
}

/// The parts around a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Surroundings {
    bits: u16,
    /// The maximum number of attempts, if it is known.
    attempts: Option<u32>,
    inside: &'static str,
}

/// One thing that can be around a part.
#[derive(Clone, Copy)]
pub(super) enum Around {
    Timeout,
    Retry,
    Fallback,
    Backup,
    Settled,
    Race,
    Map,
    Parallel,
    Branch,
    Spawned,
}

impl Surroundings {
    pub(super) const fn and(self, around: Around) -> Self {
        Surroundings { bits: self.bits | 1 << around as u16, ..self }
    }

    pub(super) const fn tried(self, times: Option<u32>) -> Self {
        let attempts = match (self.attempts, times) {
            (Some(before), Some(times)) => Some(before.saturating_mul(times)),
            _ => None,
        };
        // Once is not again.
        let within = if matches!(times, Some(1)) { self } else { self.and(Around::Retry) };
        Surroundings { attempts, ..within }
    }

    pub(super) const fn at(self, inside: &'static str) -> Self {
        Surroundings { inside, ..self }
    }

    const fn has(self, around: Around) -> bool {
        self.bits & 1 << around as u16 != 0
    }
}

impl<'a> Visit<'a> {
    pub(super) const fn root(node: &'a Node) -> Self {
        Visit { node, depth: 0, label: "", around: Surroundings { bits: 0, attempts: Some(1), inside: "" } }
    }

    pub(super) const fn place(&self) -> &'static str {
        self.around.inside
    }

    /// Returns the label in messages: its name, else its word in the chain, else its kind (`closure`, `retry`).
    pub const fn called(&self) -> &'static str {
        self.node.called(self.label)
    }

    /// Returns the innermost label around it: of a field, an arm, a named chain, or the step that it is a part of.
    pub const fn inside(&self) -> Option<&'static str> {
        if self.around.inside.is_empty() { None } else { Some(self.around.inside) }
    }

    /// Returns the description of a single step, or `None` for other parts.
    pub const fn leaf(&self) -> Option<&'a Leaf> {
        match self.node {
            Node::Step(leaf) => Some(leaf),
            _ => None,
        }
    }

    /// Returns `true` if it is a single step of this kind.
    pub const fn is(&self, kind: Kind) -> bool {
        matches!(self.node, Node::Step(leaf) if leaf.kind as u8 == kind as u8)
    }

    /// Returns `true` if it is within a timeout. The compiler does not know the deadline of a [`Config`](crate::Config).
    pub const fn within_timeout(&self) -> bool {
        self.around.has(Around::Timeout)
    }

    /// Returns `true` if it is within a retry. A retry that is known to make one attempt does not count.
    pub const fn within_retry(&self) -> bool {
        self.around.has(Around::Retry)
    }

    /// Returns the maximum number of attempts of all retries around it, if they are [known](Node::Retry).
    pub const fn attempts(&self) -> Option<u32> {
        self.around.attempts
    }

    /// Returns `true` if it has a fallback.
    pub const fn within_fallback(&self) -> bool {
        self.around.has(Around::Fallback)
    }

    /// Returns `true` if it is a fallback.
    pub const fn within_backup(&self) -> bool {
        self.around.has(Around::Backup)
    }

    /// Returns `true` if its failure is a value: in a field `name?: ..`.
    pub const fn within_settled(&self) -> bool {
        self.around.has(Around::Settled)
    }

    /// Returns `true` if it is in a race.
    pub const fn within_race(&self) -> bool {
        self.around.has(Around::Race)
    }

    /// Returns `true` if it runs for each item of a list.
    pub const fn within_map(&self) -> bool {
        self.around.has(Around::Map)
    }

    /// Returns `true` if it is in a parallel map.
    pub const fn within_parallel(&self) -> bool {
        self.around.has(Around::Parallel)
    }

    /// Returns `true` if it is in an arm of a branch.
    pub const fn within_branch(&self) -> bool {
        self.around.has(Around::Branch)
    }

    /// Returns `true` if it runs in a spawned task.
    pub const fn within_spawned(&self) -> bool {
        self.around.has(Around::Spawned)
    }
}
