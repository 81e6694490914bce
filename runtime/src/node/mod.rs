//! What the compiler knows of a chain: its structure as a constant.
//!
//! | file | contents |
//! |---|---|
//! | [`leaf`] | steps without parts |
//! | [`visit`], [`walk`] | a walk through the structure |
//! | [`query`] | questions that a walk answers |
//! | [`concurrency`] | how many steps may run at once |
//! | [`streaming`] | where a stream is buffered |
//! | [`policy`] | rules that the compiler checks |
//! | [`const_str`] | texts built in constants, for errors of the compiler |

mod concurrency;
pub(crate) mod const_str;
mod leaf;
pub mod policy;
mod query;
pub(crate) mod streaming;
mod visit;
mod walk;

pub use leaf::{Extent, Kind, Leaf};
pub use visit::Visit;
pub use walk::{WALK_DEPTH, Walk};

use std::{borrow::Cow, time::Duration};

/// A part of a chain's structure, known without running or even building it.
///
/// It is what the types say, and so holds for every value of them: names of functions, kinds, fields, patterns as written,
/// what is retried, limited in time, backed up, and where pieces are taken and given. What only values know is not in it:
/// the name of a model, the number in `.retry(3)`, the limit in `.timeout(..)`, `.named(..)` and a
/// [`Config`](crate::Config). Behind `.boxed()`, [`lazy`](crate::lazy), [`Router`](crate::Router) and
/// [`then_run`](crate::StepExt::then_run) it sees nothing: [`is_opaque`](Node::is_opaque).
///
/// Its questions are `const fn`, for `const { assert!(..) }`; [`walk`](Node::walk) is there for others, and
/// [`policy`](crate::policy) for rules.
///
/// ```
/// use catena::{Kind, Node, Step, prelude::*};
///
/// #[runnable(kind = model, timeout = "5s", retry = 3)]
/// async fn ask(question: String) -> String { question }
///
/// const ASK: Node = <ask as Step>::NODE;
/// const {
///     assert!(ASK.steps() == 1 && ASK.count(Kind::Model) == 1);
///     assert!(ASK.contains("ask") && ASK.first_untimed(Kind::Model).is_none());
///     assert!(matches!(ASK, Node::Retry { attempts: Some(3), node: Node::Timeout { .. } }));
/// }
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
    Retry {
        /// How often in all, where that is in the type: by `#[runnable(retry = 3)]` and
        /// [`Retry::times`](crate::Retry::times). The 3 of `.retry(3)` is a value, which the compiler does not know.
        attempts: Option<u32>,
        /// What is tried.
        node: &'static Node,
    },
    /// Limited in time.
    Timeout {
        /// The limit, where it is written in `#[runnable(timeout = "5s")]`. That of `.timeout(..)` is a value.
        after: Option<Duration>,
        /// What is limited.
        node: &'static Node,
    },
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
        /// What passes over it.
        node: &'static Node,
    },
    /// Behind a pointer to something chosen at run time.
    Opaque,
}

/// A step of a sequence, or an arm of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The token it is written as (a pattern without its guard, for an arm; of 40 characters at most, unless two arms would
    /// then read the same); empty where there is none.
    pub label: &'static str,
    /// What it is.
    pub node: Node,
}

/// A part directly inside another.
#[derive(Clone, Copy)]
struct Inner<'a> {
    label: &'static str,
    node: &'a Node,
}

impl Node {
    /// The part directly inside it at a position, in the order written: a step, branch or arm, or the one that is modified.
    ///
    /// ```
    /// use catena::{Kind, Node};
    ///
    /// const MODEL: Node = Node::leaf("gpt", Kind::Model);
    /// const SETTLED: Node = Node::Settled(&MODEL);
    /// const { assert!(SETTLED.part(0).is_some() && SETTLED.part(1).is_none() && MODEL.part(0).is_none()) };
    /// ```
    pub const fn part(&self, at: usize) -> Option<&Node> {
        match self.inner(at) {
            Some(inner) => Some(inner.node),
            None => None,
        }
    }

    const fn inner(&self, at: usize) -> Option<Inner<'_>> {
        match self {
            Node::Step(_) | Node::Opaque => None,
            Node::Sequence(parts) | Node::Branch(parts) => {
                if at < parts.len() {
                    Some(Inner { label: parts[at].label, node: &parts[at].node })
                } else {
                    None
                }
            }
            Node::Parallel(nodes) | Node::Fallback(nodes) | Node::Race(nodes) => {
                if at < nodes.len() {
                    Some(Inner { label: "", node: &nodes[at] })
                } else {
                    None
                }
            }
            Node::Field { node, .. }
            | Node::Named { node, .. }
            | Node::Settled(node)
            | Node::Retry { node, .. }
            | Node::Timeout { node, .. }
            | Node::Map(node)
            | Node::Spawned(node)
            | Node::Choice(node)
            | Node::Configured(node) => {
                if at == 0 {
                    Some(Inner { label: "", node })
                } else {
                    None
                }
            }
        }
    }

    /// Whether it runs steps that are chosen at run time, of which nothing is known here.
    ///
    /// ```
    /// use catena::Node;
    ///
    /// const { assert!(Node::Opaque.is_opaque() && !Node::Settled(&Node::Opaque).is_opaque()) };
    /// ```
    pub const fn is_opaque(&self) -> bool {
        match self {
            Node::Opaque | Node::Choice(_) => true,
            Node::Step(leaf) => leaf.opaque,
            _ => false,
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
            Node::Retry { node, .. }
            | Node::Timeout { node, .. }
            | Node::Settled(node)
            | Node::Spawned(node)
            | Node::Configured(node)
            | Node::Choice(node)
            | Node::Map(node) => return node.name(),
            _ => "",
        };
        if name.is_empty() { None } else { Some(name) }
    }

    /// What a single step is that has no name, seen through retries, timeouts and the like: `closure`, `model`.
    pub(crate) const fn what(&self) -> Option<&'static str> {
        match self {
            Node::Step(leaf) if leaf.name.is_empty() => Some(leaf.kind.word()),
            Node::Named { name, node } if name.is_empty() => node.what(),
            Node::Retry { node, .. }
            | Node::Timeout { node, .. }
            | Node::Settled(node)
            | Node::Spawned(node)
            | Node::Configured(node) => node.what(),
            _ => None,
        }
    }

    /// Whether it is a single step, seen through retries, timeouts and the like.
    pub(crate) const fn is_one_step(&self) -> bool {
        match self {
            Node::Step(_) | Node::Opaque => true,
            Node::Named { name, node } => name.is_empty() && node.is_one_step(),
            Node::Retry { node, .. }
            | Node::Timeout { node, .. }
            | Node::Settled(node)
            | Node::Spawned(node)
            | Node::Configured(node) => node.is_one_step(),
            _ => false,
        }
    }

    /// What a part is called in messages: its name, else the word it is written as, else what it is.
    pub(crate) const fn called(&self, label: &'static str) -> &'static str {
        if let Some(name) = self.name() {
            return name;
        }
        if !label.is_empty() {
            return label;
        }
        match self {
            Node::Step(leaf) => leaf.kind.word(),
            Node::Field { name, .. } => name,
            Node::Retry { .. } => "retry",
            Node::Timeout { .. } => "timeout",
            Node::Fallback(_) => "fallback",
            Node::Race(_) => "race",
            Node::Map(_) => "map",
            Node::Spawned(_) => "spawned",
            Node::Branch(_) => "match",
            Node::Parallel(_) => "parallel",
            Node::Opaque => "boxed",
            _ => "chain",
        }
    }

    /// What a run of it is called where it has no name: `sequence`, `parallel<gpt,claude>`, `map<parse>`.
    pub(crate) fn title(&self) -> Cow<'static, str> {
        match self {
            Node::Step(leaf) if leaf.name.is_empty() => leaf.kind.word().into(),
            Node::Step(leaf) => leaf.name.into(),
            Node::Sequence([part]) if part.node.what().is_some() && !part.label.is_empty() => part.label.into(),
            Node::Sequence([part]) => part.node.title(),
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
            | Node::Retry { node, .. }
            | Node::Timeout { node, .. }
            | Node::Spawned(node)
            | Node::Choice(node)
            | Node::Configured(node) => node.title(),
        }
    }
}
