//! Single steps, as the compiler knows them.

use super::Node;

/// The description of a single step.
///
/// [`Node::leaf`] and the methods that follow it create one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leaf {
    /// The name; empty for closures and other anonymous steps.
    pub name: &'static str,
    /// The kind.
    pub kind: Kind,
    /// The tags of all its runs.
    pub tags: &'static [&'static str],
    /// The extent of its input.
    pub takes: Extent,
    /// The extent of its output.
    pub gives: Extent,
    /// `true` if its author declares that running it twice has the effect of running it once.
    pub idempotent: bool,
    /// `true` if it runs steps that the compiler does not know.
    pub opaque: bool,
}

/// The extent of a step's input or output: buffered, or in chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extent {
    /// Buffered: the whole value.
    Whole,
    /// Chunks, as they arrive.
    Pieces,
    /// The extent of the step before: chunks if it yields chunks, otherwise the whole value.
    Same,
}

/// The kind of a single step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A function with `#[runnable]`.
    Function,
    /// A generator, from chunks to chunks.
    Generator,
    /// A closure in a chain.
    Closure,
    /// A pick: a field or sub-record of the input.
    Pick,
    /// A passthrough: the input itself.
    Passthrough,
    /// A prompt, which creates the input of a model.
    Prompt,
    /// A language model.
    Model,
    /// A parser, which reads the output of a model.
    Parser,
    /// A tool, which a model may call.
    Tool,
    /// A retriever, which finds documents.
    Retriever,
    /// A lazy step, which is built when it runs.
    Lazy,
}

impl Kind {
    /// Returns the word for the kind.
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
    /// Creates a single step without tags, whose input and output are buffered.
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

    /// Sets the extents of a single step. Has no effect on other nodes.
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

    /// Sets the tags of a single step. Has no effect on other nodes.
    pub const fn tagged(self, tags: &'static [&'static str]) -> Node {
        match self {
            Node::Step(leaf) => Node::Step(Leaf { tags, ..leaf }),
            node => node,
        }
    }

    /// Declares that running a single step twice has the effect of running it once. Has no effect on other nodes.
    pub const fn idempotent(self) -> Node {
        match self {
            Node::Step(leaf) => Node::Step(Leaf { idempotent: true, ..leaf }),
            node => node,
        }
    }

    /// Declares that a single step runs steps chosen at run time. Has no effect on other nodes.
    pub const fn opaque(self) -> Node {
        match self {
            Node::Step(leaf) => Node::Step(Leaf { opaque: true, ..leaf }),
            node => node,
        }
    }
}
