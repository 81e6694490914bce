//! What the compiler knows of a step, as a picture.

use crate::{Extent, Kind, Node};
use catena_graph::{Arm, Field, Shape, Step, Track};

/// The picture of a step that nothing has become of yet. `label` is what it is written as, where it has no name.
pub(super) fn track(node: &Node, label: &str) -> Track {
    match node {
        Node::Step(leaf) => {
            let name = if leaf.name.is_empty() { label } else { leaf.name };
            Step::new(name, kind(leaf.kind)).streams(extent(leaf.takes), extent(leaf.gives)).into()
        }
        Node::Sequence(parts) => {
            let mut tracks = Vec::new();
            steps(node, &mut tracks);
            // What `chain!` writes around one step is none by itself.
            if parts.len() == 1 && tracks.len() == 1 { tracks.remove(0) } else { Track::sequence(tracks) }
        }
        Node::Parallel(nodes) => Track::parallel(nodes.iter().enumerate().map(|(at, node)| field(at, node))),
        Node::Branch(arms) => Track::branch(arms.iter().map(|arm| Arm::new(arm.label, track(&arm.node, "")))),
        Node::Retry(node) => Shape::Retry { attempts: None, note: None, track: Box::new(track(node, label)) }.into(),
        Node::Timeout(node) => track(node, label).timeout(""),
        Node::Fallback(nodes) => Track::fallback(nodes.iter().map(|node| track(node, label))),
        Node::Race(nodes) => Track::race(nodes.iter().map(|node| track(node, label))),
        Node::Map(node) => track(node, label).for_each(),
        Node::Spawned(node) => track(node, label).spawned(),
        Node::Choice(node) => track(node, label).choice(),
        Node::Configured(node) => track(node, label).configured(""),
        Node::Named { name: "", node } | Node::Settled(node) | Node::Field { node, .. } => track(node, label),
        // A step under a name goes by it alone.
        Node::Named { name, node: Node::Step(leaf) } => track(&Node::Step(crate::Leaf { name, ..*leaf }), label),
        Node::Named { name, node } => track(node, label).named(*name),
        Node::Opaque => Step::new(label, catena_graph::Kind::Opaque).into(),
    }
}

/// The steps that are written: long chains are sequences of sequences.
fn steps(node: &Node, tracks: &mut Vec<Track>) {
    let Node::Sequence(parts) = node else { return tracks.push(track(node, "")) };
    for part in *parts {
        if part.label.is_empty() && matches!(part.node, Node::Sequence(_)) {
            steps(&part.node, tracks);
        } else {
            tracks.push(track(&part.node, part.label));
        }
    }
}

fn field(at: usize, node: &Node) -> Field {
    match node {
        Node::Settled(node) => field(at, node).settled(),
        Node::Field { name, node: Node::Settled(node) } => Field::new(*name, track(node, name)).settled(),
        Node::Field { name, node } => Field::new(*name, track(node, name)),
        Node::Step(leaf) if leaf.kind == Kind::Passthrough => Field::Kept,
        node => Field::new(at.to_string(), track(node, "")),
    }
}

pub(super) fn kind(kind: Kind) -> catena_graph::Kind {
    match kind {
        Kind::Function => catena_graph::Kind::Function,
        Kind::Generator => catena_graph::Kind::Generator,
        Kind::Closure => catena_graph::Kind::Closure,
        Kind::Pick => catena_graph::Kind::Pick,
        Kind::Passthrough => catena_graph::Kind::Passthrough,
        Kind::Prompt => catena_graph::Kind::Prompt,
        Kind::Model => catena_graph::Kind::Model,
        Kind::Parser => catena_graph::Kind::Parser,
        Kind::Tool => catena_graph::Kind::Tool,
        Kind::Retriever => catena_graph::Kind::Retriever,
        Kind::Lazy => catena_graph::Kind::Lazy,
    }
}

fn extent(extent: Extent) -> catena_graph::Extent {
    match extent {
        Extent::Whole => catena_graph::Extent::Whole,
        Extent::Pieces => catena_graph::Extent::Pieces,
        Extent::Same => catena_graph::Extent::Same,
    }
}
