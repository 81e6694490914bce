//! The structure of a chain as a constant, which the compiler knows.
//!
//! | file | contents |
//! |---|---|
//! | [`leaf`] | steps without parts |
//! | [`visit`], [`walk`] | a walk through the structure |
//! | [`query`] | questions that a walk answers |
//! | [`concurrency`] | the number of concurrent steps |
//! | [`streaming`] | the steps that buffer a stream |
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
/// It depends on types only, and so holds for every value of them: the names of functions, kinds, fields, patterns as written,
/// retries, timeouts, fallbacks, and which steps stream. It does not have the properties of values: the name of a model, the
/// number in `.retry(3)`, the limit in `.timeout(..)`, `.named(..)` and a [`Config`](crate::Config). The steps in `.boxed()`,
/// [`lazy`](crate::lazy), [`Router`](crate::Router) and [`then_run`](crate::StepExt::then_run) are
/// [opaque](Node::is_opaque).
///
/// Its methods are `const fn`, for `const { assert!(..) }`. [`walk`](Node::walk) visits all parts, and
/// [`policy`](crate::policy) has rules.
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
    /// A sequence of steps.
    Sequence(&'static [Part]),
    /// A parallel map: concurrent branches over the same input. A branch with a name is a [`Node::Field`].
    Parallel(&'static [Node]),
    /// A field of a parallel map.
    Field {
        /// The name.
        name: &'static str,
        /// The chain that fills it.
        node: &'static Node,
    },
    /// A settled step, whose failure is a value and does not stop the others.
    Settled(&'static Node),
    /// A branch with several arms.
    Branch(&'static [Part]),
    /// A retry.
    Retry {
        /// The number of attempts, if it is in the type: by `#[runnable(retry = 3)]` and
        /// [`Retry::times`](crate::Retry::times). The 3 of `.retry(3)` is a value, which the compiler does not know.
        attempts: Option<u32>,
        /// The step that is retried.
        node: &'static Node,
    },
    /// A timeout.
    Timeout {
        /// The limit, if it is written in `#[runnable(timeout = "5s")]`. The limit of `.timeout(..)` is a value.
        after: Option<Duration>,
        /// The step that is limited.
        node: &'static Node,
    },
    /// A fallback: the second runs if the first fails.
    Fallback(&'static [Node]),
    /// A race: the first success wins.
    Race(&'static [Node]),
    /// A map over a list.
    Map(&'static Node),
    /// A spawned task.
    Spawned(&'static Node),
    /// A step whose output is a step, which runs next.
    Choice(&'static Node),
    /// A step with its own configuration.
    Configured(&'static Node),
    /// A step with another name.
    Named {
        /// The name, if the compiler knows it.
        name: &'static str,
        /// The step with this name.
        node: &'static Node,
    },
    /// A boxed step, chosen at run time.
    Opaque,
}

/// A step of a sequence, or an arm of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The token it is written as (a pattern without its guard, for an arm; of 40 characters at most, unless two arms would
    /// then read the same); empty where there is none.
    pub label: &'static str,
    /// The structure.
    pub node: Node,
}

/// A part directly inside another.
#[derive(Clone, Copy)]
struct Inner<'a> {
    label: &'static str,
    node: &'a Node,
}

impl Node {
    /// Returns the part directly inside it at a position, in the order written: a step, branch or arm, or the modified step.
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

    /// Returns `true` if it runs steps that are chosen at run time, which the compiler does not know.
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

    /// Returns the name of a single step or a named chain, through retries, timeouts and other modifiers.
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

    /// Returns the kind of a single step without a name, through retries, timeouts and other modifiers: `closure`, `model`.
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

    /// Returns `true` if it is a single step, through retries, timeouts and other modifiers.
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

    /// Returns the label of a part in messages: its name, else its word in the chain, else its kind.
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

    /// Returns the name of its runs if it has no name: `sequence`, `parallel<gpt,claude>`, `map<parse>`.
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
