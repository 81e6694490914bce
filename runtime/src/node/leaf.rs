//! A single step, as the compiler knows it.

use super::Node;

/// A single step's description.
///
/// Made by [`Node::leaf`] and what can be said after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leaf {
    /// Its name; empty for closures and other anonymous steps.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The tags it carries wherever it runs.
    pub tags: &'static [&'static str],
    /// How it takes its input.
    pub takes: Extent,
    /// How it gives its output.
    pub gives: Extent,
    /// Whether running it twice is as good as running it once, as its author says.
    pub idempotent: bool,
    /// Whether it runs steps that are not known here.
    pub opaque: bool,
}

/// How much of a value goes into a step, or comes out of it, at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extent {
    /// All of it, in one.
    Whole,
    /// Pieces, as they come.
    Pieces,
    /// Of what is given: pieces where pieces are taken, all of it where that comes in one.
    Same,
}

/// What a single step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A function made a step by `#[runnable]`.
    Function,
    /// From chunks to chunks.
    Generator,
    /// A closure written in a chain.
    Closure,
    /// A field or sub-record of the input.
    Pick,
    /// The input itself.
    Passthrough,
    /// Makes a model's input.
    Prompt,
    /// A language model.
    Model,
    /// Reads a model's output.
    Parser,
    /// Something a model may call.
    Tool,
    /// Finds documents.
    Retriever,
    /// Made when it runs.
    Lazy,
}

impl Kind {
    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Kind::Function => "function",
            Kind::Generator => "generator",
            Kind::Closure => "closure",
            Kind::Pick => "pick",
            Kind::Passthrough => "passthrough",
            Kind::Prompt => "prompt",
            Kind::Model => "model",
            Kind::Parser => "parser",
            Kind::Tool => "tool",
            Kind::Retriever => "retriever",
            Kind::Lazy => "lazy",
        }
    }
}

impl Node {
    /// A single step without tags, which takes and gives all in one.
    ///
    /// ```
    /// use catena::{Kind, Node};
    ///
    /// const SEARCH: Node = Node::leaf("search", Kind::Tool).tagged(&["web"]).idempotent();
    /// const { assert!(SEARCH.count(Kind::Tool) == 1) };
    /// ```
    pub const fn leaf(name: &'static str, kind: Kind) -> Node {
        let (takes, gives) = (Extent::Whole, Extent::Whole);
        Node::Step(Leaf { name, kind, tags: &[], takes, gives, idempotent: false, opaque: false })
    }

    /// A single step that takes and gives so much at a time; of anything else, nothing changes.
    ///
    /// ```
    /// use catena::{Extent, Kind, Node};
    ///
    /// const MODEL: Node = Node::leaf("gpt", Kind::Model).streaming(Extent::Whole, Extent::Pieces);
    /// const { assert!(MODEL.gives_pieces()) };
    /// ```
    pub const fn streaming(self, takes: Extent, gives: Extent) -> Node {
        match self {
            Node::Step(leaf) => Node::Step(Leaf { takes, gives, ..leaf }),
            node => node,
        }
    }

    /// A single step that carries these tags wherever it runs; of anything else, nothing changes.
    pub const fn tagged(self, tags: &'static [&'static str]) -> Node {
        match self {
            Node::Step(leaf) => Node::Step(Leaf { tags, ..leaf }),
            node => node,
        }
    }

    /// A single step that may be run twice, with an effect as if it had been run once; of anything else, nothing changes.
    pub const fn idempotent(self) -> Node {
        match self {
            Node::Step(leaf) => Node::Step(Leaf { idempotent: true, ..leaf }),
            node => node,
        }
    }

    /// A single step that runs steps chosen at run time; of anything else, nothing changes.
    pub const fn opaque(self) -> Node {
        match self {
            Node::Step(leaf) => Node::Step(Leaf { opaque: true, ..leaf }),
            node => node,
        }
    }
}
