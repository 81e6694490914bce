//! A part of a chain with what is around it.

use super::{Kind, Leaf, Node};

/// A part of a chain's structure, come by on a [`Walk`](crate::Walk), with what is around it.
///
/// "Within" means directly or through any number of parts: a model of a chain under a timeout is within the timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Visit<'a> {
    /// The part.
    pub node: &'a Node,
    /// How many parts it is in.
    pub depth: usize,
    /// The word it is written as in its chain; empty where there is none.
    pub label: &'static str,
    pub(super) around: Surroundings,
}

/// What is around a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Surroundings {
    bits: u16,
    /// How often it is tried at most, where that is known.
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

    /// What it is called in messages: its name, else the word it is written as, else what it is (`closure`, `retry`).
    pub const fn called(&self) -> &'static str {
        self.node.called(self.label)
    }

    /// The innermost word around it: of a field, an arm, a named chain, or the step that it is a part of.
    pub const fn inside(&self) -> Option<&'static str> {
        if self.around.inside.is_empty() { None } else { Some(self.around.inside) }
    }

    /// The description of the step, where it is a single one.
    pub const fn leaf(&self) -> Option<&'a Leaf> {
        match self.node {
            Node::Step(leaf) => Some(leaf),
            _ => None,
        }
    }

    /// Whether it is a single step of this kind.
    pub const fn is(&self, kind: Kind) -> bool {
        matches!(self.node, Node::Step(leaf) if leaf.kind as u8 == kind as u8)
    }

    /// Whether it is limited in time. A deadline of a [`Config`](crate::Config) is not known here.
    pub const fn within_timeout(&self) -> bool {
        self.around.has(Around::Timeout)
    }

    /// Whether it may be tried again. A retry known to make one attempt is none.
    pub const fn within_retry(&self) -> bool {
        self.around.has(Around::Retry)
    }

    /// How often it is tried at most by all the retries around it, where they are [known](Node::Retry).
    pub const fn attempts(&self) -> Option<u32> {
        self.around.attempts
    }

    /// Whether something takes over where it fails.
    pub const fn within_fallback(&self) -> bool {
        self.around.has(Around::Fallback)
    }

    /// Whether it takes over where something fails.
    pub const fn within_backup(&self) -> bool {
        self.around.has(Around::Backup)
    }

    /// Whether its failure is a value: in a field `name?: ..`.
    pub const fn within_settled(&self) -> bool {
        self.around.has(Around::Settled)
    }

    /// Whether it runs against another.
    pub const fn within_race(&self) -> bool {
        self.around.has(Around::Race)
    }

    /// Whether it runs for each item of a list.
    pub const fn within_map(&self) -> bool {
        self.around.has(Around::Map)
    }

    /// Whether it runs beside others, in a parallel map.
    pub const fn within_parallel(&self) -> bool {
        self.around.has(Around::Parallel)
    }

    /// Whether it runs only for some inputs, in an arm.
    pub const fn within_branch(&self) -> bool {
        self.around.has(Around::Branch)
    }

    /// Whether it runs in a task of its own.
    pub const fn within_spawned(&self) -> bool {
        self.around.has(Around::Spawned)
    }
}
