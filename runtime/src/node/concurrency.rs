//! The number of steps that run concurrently.

use super::{Extent, Kind, Node};

/// The number of concurrent steps in a part of a chain; `None` if it is unbounded.
#[derive(Clone, Copy)]
struct Concurrency {
    /// At most, over its whole run.
    most: Option<usize>,
    /// While its output is on the way.
    last: Option<usize>,
}

impl Node {
    /// Returns the maximum number of concurrent single steps of a kind in one run, as far as the compiler knows, or `None` if a
    /// step of the kind runs for each item of a list (`.map()`).
    ///
    /// A limit such as [`Config::max_concurrency`](crate::Config::max_concurrency) may reduce it. Steps in
    /// [opaque](Node::is_opaque) parts are not counted.
    ///
    /// ```
    /// use catena::{Kind, Step, prelude::*};
    ///
    /// #[runnable(kind = model)]
    /// async fn ask(question: String) -> String { question }
    ///
    /// const fn models<S: Step>(_: &S) -> Option<usize> { S::NODE.at_once(Kind::Model) }
    /// assert_eq!(models(&chain!(String => <a: ask, b: ask | ask> | .a | ask)), Some(2));
    /// assert_eq!(models(&ask.race(ask).fallback(ask)), Some(2));
    /// assert_eq!(models(&ask.map()), None);
    /// ```
    pub const fn at_once(&self, kind: Kind) -> Option<usize> {
        self.crowd(kind, Some(0)).most
    }

    /// Returns the number of concurrent steps if this many steps before it may still yield chunks.
    const fn crowd(&self, kind: Kind, before: Option<usize>) -> Concurrency {
        // What waits for its whole input begins when all before it has ended.
        let before = if self.takes_pieces() { before } else { Some(0) };
        match self {
            Node::Step(leaf) => {
                let most = sum(before, Some((leaf.kind as u8 == kind as u8) as usize));
                Concurrency { most, last: if matches!(leaf.gives, Extent::Whole) { Some(0) } else { most } }
            }
            Node::Opaque => Concurrency { most: before, last: before },
            Node::Sequence(_) => {
                let (mut crowd, mut at) = (Concurrency { most: before, last: before }, 0);
                while let Some(part) = self.part(at) {
                    let next = part.crowd(kind, crowd.last);
                    crowd = Concurrency { most: max(crowd.most, next.most), last: next.last };
                    at += 1;
                }
                crowd
            }
            Node::Parallel(_) => {
                let (mut all, mut early, mut last, mut at) = (Some(0), before, before, 0);
                while let Some(part) = self.part(at) {
                    let crowd = part.crowd(kind, Some(0));
                    all = sum(all, crowd.most);
                    last = sum(last, crowd.last);
                    if part.takes_pieces() {
                        early = sum(early, crowd.most);
                    }
                    at += 1;
                }
                Concurrency { most: max(all, early), last }
            }
            Node::Race(_) => {
                let (mut crowd, mut at) = (Concurrency { most: Some(0), last: Some(0) }, 0);
                while let Some(part) = self.part(at) {
                    let next = part.crowd(kind, Some(0));
                    crowd = Concurrency { most: sum(crowd.most, next.most), last: max(crowd.last, next.last) };
                    at += 1;
                }
                crowd
            }
            Node::Branch(_) | Node::Fallback(_) => {
                let (mut crowd, mut at) = (Concurrency { most: Some(0), last: Some(0) }, 0);
                while let Some(part) = self.part(at) {
                    let next = part.crowd(kind, Some(0));
                    crowd = Concurrency { most: max(crowd.most, next.most), last: max(crowd.last, next.last) };
                    at += 1;
                }
                crowd
            }
            // Its items come out one by one, while others still run.
            Node::Map(node) if node.count(kind) > 0 => Concurrency { most: None, last: None },
            Node::Map(_) => Concurrency { most: Some(0), last: Some(0) },
            Node::Field { node, .. }
            | Node::Named { node, .. }
            | Node::Settled(node)
            | Node::Retry { node, .. }
            | Node::Timeout { node, .. }
            | Node::Spawned(node)
            | Node::Choice(node)
            | Node::Configured(node) => node.crowd(kind, before),
        }
    }

    /// Returns `true` if any of it begins before its input is complete.
    const fn takes_pieces(&self) -> bool {
        match self {
            Node::Step(leaf) => !matches!(leaf.takes, Extent::Whole),
            Node::Sequence(parts) => !parts.is_empty() && parts[0].node.takes_pieces(),
            Node::Parallel(nodes) => {
                let mut at = 0;
                while at < nodes.len() {
                    if nodes[at].takes_pieces() {
                        return true;
                    }
                    at += 1;
                }
                false
            }
            Node::Field { node, .. } | Node::Settled(node) | Node::Named { node, .. } | Node::Configured(node) => {
                node.takes_pieces()
            }
            _ => false,
        }
    }
}

const fn sum(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        _ => None,
    }
}

const fn max(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a > b { a } else { b }),
        _ => None,
    }
}
