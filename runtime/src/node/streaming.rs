//! The steps that hold a stream up, found by the compiler from the chain's structure.

use crate::{Extent, Node, Part};

/// The state of a stream after a part of a chain.
#[derive(Clone, Copy)]
struct StreamState {
    /// The output arrives in chunks.
    pieces: bool,
    /// The first step that gets chunks and buffers them.
    block: Option<&'static str>,
}

impl Node {
    /// Returns the name, or the word in the chain, of the first step that gets its input in chunks and buffers it.
    ///
    /// ```
    /// use catena::{Node, Step, prelude::*};
    /// use futures_util::{Stream, StreamExt};
    ///
    /// #[runnable]
    /// fn shout(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
    ///     text.map(|piece| Ok(piece?.to_uppercase()))
    /// }
    /// #[runnable]
    /// fn length(text: &str) -> usize { text.len() }
    ///
    /// fn node<S: Step>(_: &S) -> Node { S::NODE }
    /// assert_eq!(node(&chain!(String => shout | shout)).first_block(), None);
    /// assert_eq!(node(&chain!(String => shout | length)).first_block(), Some("length"));
    /// // Its input is whole, so nothing is held up.
    /// assert_eq!(node(&chain!(String => length | |n| n.to_string() | shout)).first_block(), None);
    /// ```
    ///
    /// A boxed step ([`Node::Opaque`]) buffers its input, and is assumed to buffer its output.
    pub const fn first_block(&self) -> Option<&'static str> {
        self.course("", false).block
    }

    /// Returns `true` if its output arrives in chunks for a whole input.
    pub const fn gives_pieces(&self) -> bool {
        self.course("", false).pieces
    }

    const fn course(&self, label: &'static str, pieces: bool) -> StreamState {
        match self {
            Node::Step(leaf) => StreamState {
                pieces: match leaf.gives {
                    Extent::Whole => false,
                    Extent::Pieces => true,
                    Extent::Same => pieces && !matches!(leaf.takes, Extent::Whole),
                },
                block: if pieces && matches!(leaf.takes, Extent::Whole) { Some(self.called(label)) } else { None },
            },
            Node::Sequence(parts) => sequence(parts, pieces),
            Node::Parallel(nodes) => all(nodes, pieces),
            // A configuration with a deadline waits, which is not known here.
            Node::Field { node, .. } | Node::Settled(node) | Node::Configured(node) | Node::Named { node, .. } => {
                node.course(label, pieces)
            }
            Node::Retry { node, .. } | Node::Timeout { node, .. } | Node::Spawned(node) => {
                self.waits(label, pieces, node.course(label, false))
            }
            Node::Fallback(nodes) | Node::Race(nodes) => {
                let first =
                    StreamState { pieces: nodes[0].course(label, false).pieces, block: all(nodes, false).block };
                self.waits(label, pieces, first)
            }
            Node::Branch(arms) => self.waits(label, pieces, choice(arms)),
            // Its items come one by one, each of them whole.
            Node::Map(_) => self.waits(label, pieces, StreamState { pieces: true, block: None }),
            Node::Opaque | Node::Choice(_) => self.waits(label, pieces, StreamState { pieces: false, block: None }),
        }
    }

    /// The course through a step that waits for its whole input.
    const fn waits(&self, label: &'static str, pieces: bool, inside: StreamState) -> StreamState {
        let block = if pieces { Some(self.called(label)) } else { inside.block };
        StreamState { pieces: inside.pieces, block }
    }
}

const fn sequence(parts: &[Part], pieces: bool) -> StreamState {
    let (mut course, mut i) = (StreamState { pieces, block: None }, 0);
    while i < parts.len() {
        let next = parts[i].node.course(parts[i].label, course.pieces);
        course = StreamState { pieces: next.pieces, block: first(course.block, next.block) };
        i += 1;
    }
    course
}

/// Branches: pieces come out where any branch gives some.
const fn all(nodes: &[Node], pieces: bool) -> StreamState {
    let (mut course, mut i) = (StreamState { pieces: false, block: None }, 0);
    while i < nodes.len() {
        let next = nodes[i].course("", pieces);
        course = StreamState { pieces: course.pieces || next.pieces, block: first(course.block, next.block) };
        i += 1;
    }
    course
}

/// Arms: the chunks are those of the first.
const fn choice(arms: &[Part]) -> StreamState {
    let (mut course, mut i) = (StreamState { pieces: arms[0].node.course("", false).pieces, block: None }, 0);
    while i < arms.len() {
        course.block = first(course.block, arms[i].node.course("", false).block);
        i += 1;
    }
    course
}

const fn first(a: Option<&'static str>, b: Option<&'static str>) -> Option<&'static str> {
    if a.is_some() { a } else { b }
}
