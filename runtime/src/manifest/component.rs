//! The parts of a chain, with the settings that only their values know.

use crate::{Details, Extent, Kind, Node, Runnable, reflect::type_name};
use serde_json::{Map, Value};

/// A part of a chain: its kind, name and settings, and its own parts.
///
/// ```
/// use catena::{ComponentKind, prelude::*};
///
/// #[runnable]
/// fn double(n: u32) -> u32 { n * 2 }
///
/// let manifest = double.retry(3).manifest();
/// let retry = manifest.component();
/// assert_eq!(retry.kind, ComponentKind::Retry);
/// assert_eq!(retry.settings["max_attempt_number"], 3);
/// assert_eq!(retry.members[0].component.name, "double");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Component {
    /// The kind.
    pub kind: ComponentKind,
    /// The name, or the word in the chain. Empty without either.
    pub name: String,
    /// The name of its class in LangChain, if the step has one.
    pub class: Option<Vec<String>>,
    /// The settings, with secrets marked as such.
    pub settings: Map<String, Value>,
    /// The parts.
    pub members: Vec<Member>,
    /// The name of the output type.
    pub output: Option<String>,
    /// The extent of the input of a single step.
    pub takes: Extent,
    /// The extent of the output of a single step.
    pub gives: Extent,
    /// Of a sequence or a map: it is a group within a longer one.
    pub(crate) group: bool,
}

/// A part of a component, and its label.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Member {
    /// The field of a map, the pattern of an arm, or the key of a route. Otherwise empty.
    pub label: String,
    /// `true` if its failure is a value (`name?`).
    pub settled: bool,
    /// The component.
    pub component: Component,
}

/// The kind of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ComponentKind {
    /// A single step.
    Step(Kind),
    /// A boxed step of which nothing is known.
    Opaque,
    /// A sequence.
    Sequence,
    /// A parallel map.
    Parallel,
    /// A branch, by pattern.
    Branch,
    /// A router, by key.
    Router,
    /// A retry.
    Retry,
    /// A timeout.
    Timeout,
    /// A fallback.
    Fallback,
    /// A race.
    Race,
    /// A map over a list.
    Map,
    /// A spawned task.
    Spawned,
    /// A step whose output is a step, which runs next.
    Choice,
    /// A configuration around a step.
    Configured,
    /// A configurable step, with a value that a run can set.
    Configurable,
    /// A settled step, whose failure is a value.
    Settled,
    /// A name around a step.
    Named,
    /// A pick of fields.
    #[doc(hidden)]
    Field,
}

impl Member {
    pub(crate) fn new(label: impl Into<String>, component: Component) -> Self {
        Member { label: label.into(), settled: false, component }
    }
}

impl Component {
    /// Creates a component of this kind.
    pub(crate) fn new(kind: ComponentKind) -> Self {
        Component {
            kind,
            name: String::new(),
            class: None,
            settings: Map::new(),
            members: Vec::new(),
            output: None,
            takes: Extent::Whole,
            gives: Extent::Whole,
            group: false,
        }
    }

    /// Creates the component of a single step from its constant and its details.
    #[doc(hidden)]
    pub fn of<In: Send, R: Runnable<In>>(step: &R) -> Self {
        let mut details = Details::default();
        step.details(&mut details);
        Component::of_step(const { &R::NODE }, step.name(), details, type_name::of::<R::Output>())
    }

    /// The same without the step's type.
    fn of_step(node: &Node, name: Option<&str>, details: Details, output: String) -> Self {
        let mut component = Component::of_node(node);
        component.output = Some(output);
        if let (ComponentKind::Step(_), Some(name)) = (component.kind, name) {
            name.clone_into(&mut component.name);
        }
        component.class = details.class;
        component.settings.extend(details.settings);
        component
    }

    /// Sets the structure that the compiler knows.
    pub(crate) fn of_node(node: &Node) -> Self {
        use ComponentKind as K;
        let around = |kind, node| Component::around(kind, Component::of_node(node));
        let all = |kind, nodes: &[Node]| Component::made_of(kind, nodes.iter().map(Component::of_node).collect());
        match node {
            Node::Step(leaf, ..) => {
                let mut step = Component::new(K::Step(leaf.kind)).called(leaf.name);
                (step.takes, step.gives) = (leaf.takes, leaf.gives);
                if !leaf.tags.is_empty() {
                    step.settings.insert("tags".to_owned(), leaf.tags.into());
                }
                if leaf.idempotent {
                    step.settings.insert("idempotent".to_owned(), true.into());
                }
                step
            }
            Node::Sequence(parts, ..) => {
                let steps = parts.iter().map(|part| (part.label, Component::of_node(&part.node)));
                Component::sequence(steps.collect::<Vec<_>>(), false)
            }
            Node::Parallel(nodes, ..) => Component::parallel(nodes.iter().map(Component::of_node).collect(), false),
            Node::Branch(arms, ..) => {
                let arms = arms.iter().map(|arm| (arm.label, Component::of_node(&arm.node)));
                Component::branch(arms.collect::<Vec<_>>())
            }
            Node::Field { name, node, .. } => around(K::Field, node).called(name),
            Node::Named { name, node, .. } => around(K::Named, node).called(name),
            Node::Settled(node, ..) => around(K::Settled, node),
            Node::Retry { attempts, node } => match attempts {
                Some(attempts) => around(K::Retry, node).with("max_attempt_number", *attempts),
                None => around(K::Retry, node),
            },
            Node::Timeout { after, node } => match after {
                Some(after) => around(K::Timeout, node).with("seconds", after.as_secs_f64()),
                None => around(K::Timeout, node),
            },
            Node::Map(node, ..) => around(K::Map, node),
            Node::Spawned(node, ..) => around(K::Spawned, node),
            Node::Choice(node, ..) => around(K::Choice, node),
            Node::Configured(node, ..) => around(K::Configured, node),
            Node::Fallback(nodes, ..) => all(K::Fallback, nodes),
            Node::Race(nodes, ..) => all(K::Race, nodes),
            Node::Opaque => Component::new(K::Opaque),
        }
    }

    /// Creates a component around another one.
    #[doc(hidden)]
    pub fn around(kind: ComponentKind, inner: Component) -> Self {
        let output = inner.output.clone();
        Component { members: vec![Member::new("", inner)], output, ..Component::new(kind) }
    }

    /// Alternatives. Those that are such themselves become part of it.
    pub(crate) fn made_of(kind: ComponentKind, alternatives: Vec<Component>) -> Self {
        let mut members = Vec::new();
        for component in alternatives {
            if component.kind == kind && component.settings.is_empty() {
                members.extend(component.members);
            } else {
                members.push(Member::new("", component));
            }
        }
        Component { members, ..Component::new(kind) }
    }

    /// Creates a fallback of components in order.
    #[doc(hidden)]
    pub fn fallback(alternatives: impl Into<Vec<Component>>) -> Self {
        Component::made_of(ComponentKind::Fallback, alternatives.into())
    }

    /// Steps under the words they are written as; in groups, where there are many.
    #[doc(hidden)]
    pub fn sequence<'a>(steps: impl Into<Vec<(&'a str, Component)>>, of_groups: bool) -> Self {
        Component::sequence_of(steps.into(), of_groups)
    }

    fn sequence_of(steps: Vec<(&str, Component)>, of_groups: bool) -> Self {
        let mut members = Vec::new();
        for (word, step) in steps {
            if of_groups && step.kind == ComponentKind::Sequence {
                members.extend(step.members);
            } else {
                members.push(Member::new("", step.written_as(word)));
            }
        }
        let output = members.last().and_then(|last: &Member| last.component.output.clone());
        Component { members, output, ..Component::new(ComponentKind::Sequence) }
    }

    /// Branches of a map; a group of them, where there are many.
    pub(crate) fn parallel(branches: Vec<Component>, group: bool) -> Self {
        let mut members = Vec::new();
        let mut fields = false;
        for branch in branches {
            if branch.group && branch.kind == ComponentKind::Parallel {
                members.extend(branch.members);
                fields = true;
                continue;
            }
            let (settled, mut branch) = match branch {
                Component { kind: ComponentKind::Settled, members, .. } => (true, only(members)),
                branch => (false, branch),
            };
            let mut label = String::new();
            if branch.kind == ComponentKind::Field {
                (label, branch, fields) = (branch.name, only(branch.members), true);
            }
            members.push(Member { label, settled, component: branch });
        }
        let group = group && fields;
        Component { members, group, ..Component::new(ComponentKind::Parallel) }
    }

    /// Creates a branch from arms with their patterns.
    #[doc(hidden)]
    pub fn branch<'a>(arms: impl Into<Vec<(&'a str, Component)>>) -> Self {
        Component::branch_of(arms.into())
    }

    fn branch_of(arms: Vec<(&str, Component)>) -> Self {
        let mut members = Vec::new();
        for (pattern, arm) in arms {
            // What is more than twelve is a branch in the last arm; those that are written are in a sequence.
            if arm.kind == ComponentKind::Branch && arm.members.first().is_some_and(|first| first.label == pattern) {
                members.extend(arm.members);
            } else {
                members.push(Member::new(pattern, arm));
            }
        }
        let output = members.first().and_then(|first: &Member| first.component.output.clone());
        Component { members, output, ..Component::new(ComponentKind::Branch) }
    }

    /// Sets the name.
    #[doc(hidden)]
    pub fn called(self, name: &str) -> Self {
        Component { name: name.to_owned(), ..self }
    }

    /// Sets the output type.
    #[doc(hidden)]
    pub fn giving<T: 'static>(self) -> Self {
        self.with_output(type_name::of::<T>())
    }

    fn with_output(mut self, output: String) -> Self {
        self.output = Some(output);
        self
    }

    /// Adds a setting.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }
}

/// The one that something is around.
pub(super) fn only(members: Vec<Member>) -> Component {
    members.into_iter().next().map_or_else(|| Component::new(ComponentKind::Opaque), |member| member.component)
}
