//! What the compiler knows of a chain: its structure as a constant.

use std::borrow::Cow;

/// A part of a chain's structure, known without running or even building it.
///
/// ```
/// use catena::{Node, Step, prelude::*};
///
/// #[runnable]
/// fn shout(text: String) -> String { text.to_uppercase() }
///
/// assert_eq!(<shout as Step>::NODE.name(), Some("shout"));
/// const { assert!(<shout as Step>::NODE.steps() == 1) };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Node {
    /// A single step.
    Step(Leaf),
    /// Steps one after another.
    Sequence(&'static [Part]),
    /// Branches over the same input at once; each is a [`Node::Field`] where it has a name.
    Parallel(&'static [Node]),
    /// A field of a parallel map.
    Field {
        /// Its name.
        name: &'static str,
        /// What fills it.
        node: &'static Node,
    },
    /// Its failure is a value and does not stop the others.
    Settled(&'static Node),
    /// One of several arms.
    Branch(&'static [Part]),
    /// Tried again on failure.
    Retry(&'static Node),
    /// Limited in time.
    Timeout(&'static Node),
    /// The second takes over when the first fails.
    Fallback(&'static [Node]),
    /// The first success wins.
    Race(&'static [Node]),
    /// Once for each item of a list.
    Map(&'static Node),
    /// In a task of its own.
    Spawned(&'static Node),
    /// Its output is a step, which runs next.
    Choice(&'static Node),
    /// With its own configuration.
    Configured(&'static Node),
    /// Under a name.
    Named {
        /// The name, where it is known to the compiler.
        name: &'static str,
        /// What goes by it.
        node: &'static Node,
    },
    /// Behind a pointer to something chosen at run time.
    Opaque,
}

/// A single step's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A step of a sequence, or an arm of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The token it is written as (a pattern, for an arm); empty where there is none.
    pub label: &'static str,
    /// What it is.
    pub node: Node,
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

impl Node {
    /// A single step without tags.
    pub const fn leaf(name: &'static str, kind: Kind) -> Node {
        Node::Step(Leaf { name, kind, tags: &[], takes: Extent::Whole, gives: Extent::Whole })
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

    /// The name the author gave: of a single step or a named chain, seen through retries, timeouts and the like.
    pub const fn name(&self) -> Option<&'static str> {
        let name = match self {
            Node::Step(leaf) => leaf.name,
            Node::Named { name, node } => {
                if name.is_empty() {
                    return node.name();
                }
                name
            }
            Node::Retry(node)
            | Node::Timeout(node)
            | Node::Settled(node)
            | Node::Spawned(node)
            | Node::Configured(node)
            | Node::Choice(node)
            | Node::Map(node) => return node.name(),
            _ => "",
        };
        if name.is_empty() { None } else { Some(name) }
    }

    /// What a run of it is called where it has no name: `sequence`, `parallel<gpt,claude>`, `map<parse>`.
    pub(crate) fn title(&self) -> Cow<'static, str> {
        match self {
            Node::Step(leaf) if leaf.name.is_empty() => match leaf.kind {
                Kind::Pick => "pick",
                Kind::Passthrough => "passthrough",
                Kind::Lazy => "lazy",
                Kind::Generator => "generator",
                _ => "closure",
            }
            .into(),
            Node::Step(leaf) => leaf.name.into(),
            Node::Sequence([part]) => match part.node.title() {
                title if title == "closure" && !part.label.is_empty() => part.label.into(),
                title => title,
            },
            Node::Sequence(_) => "sequence".into(),
            Node::Branch(_) => "branch".into(),
            Node::Fallback(_) => "fallback".into(),
            Node::Race(_) => "race".into(),
            Node::Opaque => "boxed".into(),
            Node::Field { name, .. } => (*name).into(),
            Node::Parallel(nodes) => {
                let names: Vec<Cow<'static, str>> = nodes.iter().map(Node::title).collect();
                format!("parallel<{}>", names.join(",")).into()
            }
            Node::Map(node) => format!("map<{}>", node.title()).into(),
            Node::Named { name, .. } if !name.is_empty() => (*name).into(),
            Node::Named { node, .. }
            | Node::Settled(node)
            | Node::Retry(node)
            | Node::Timeout(node)
            | Node::Spawned(node)
            | Node::Choice(node)
            | Node::Configured(node) => node.title(),
        }
    }

    /// The number of single steps.
    pub const fn steps(&self) -> usize {
        match self {
            Node::Step(_) | Node::Opaque => 1,
            Node::Sequence(parts) | Node::Branch(parts) => {
                let (mut sum, mut i) = (0, 0);
                while i < parts.len() {
                    sum += parts[i].node.steps();
                    i += 1;
                }
                sum
            }
            Node::Parallel(nodes) | Node::Fallback(nodes) | Node::Race(nodes) => {
                let (mut sum, mut i) = (0, 0);
                while i < nodes.len() {
                    sum += nodes[i].steps();
                    i += 1;
                }
                sum
            }
            Node::Field { node, .. }
            | Node::Named { node, .. }
            | Node::Settled(node)
            | Node::Retry(node)
            | Node::Timeout(node)
            | Node::Map(node)
            | Node::Spawned(node)
            | Node::Choice(node)
            | Node::Configured(node) => node.steps(),
        }
    }
}
