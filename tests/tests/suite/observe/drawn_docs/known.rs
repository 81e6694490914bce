//! What the compiler knows of a chain, as the steps that docs draw.

use catena::{Kind, Node, Part};
use catena_graph::{Arm, Diagram, Field, Shape, Track};

/// The ids and the titles of the steps, in the order written. Closures and picks go by what they are.
pub(crate) fn steps(node: &Node, prefix: &str) -> Vec<(String, String)> {
    let diagram = Diagram::new("", track(node, ""));
    let steps = diagram.tracks().into_iter().filter_map(|(id, track)| match &track.shape {
        Shape::Step(step) => Some((format!("{prefix}{id}"), step.title().to_owned())),
        _ => None,
    });
    steps.collect()
}

fn track(node: &Node, label: &str) -> Track {
    match node {
        Node::Step(leaf) => {
            let name = match leaf.kind {
                Kind::Closure => "closure",
                Kind::Pick => "pick",
                Kind::Passthrough => "passthrough",
                _ if leaf.name.is_empty() => label,
                _ => leaf.name,
            };
            Track::step(name, catena_graph::Kind::Unknown)
        }
        Node::Sequence(parts) => sequence(parts),
        Node::Parallel(nodes) => Track::parallel(nodes.iter().map(field)),
        Node::Branch(arms) => Track::branch(arms.iter().map(|arm| Arm::new(arm.label, track(&arm.node, "")))),
        Node::Retry { node, .. } => track(node, label).retry(0),
        Node::Timeout { node, .. } => track(node, label).timeout(""),
        Node::Fallback(nodes) => Track::fallback(nodes.iter().map(|node| track(node, label))),
        Node::Race(nodes) => Track::race(nodes.iter().map(|node| track(node, label))),
        // The only one there is has a limit, which the compiler does not know.
        Node::Map(node) => track(node, label).for_each().configured(""),
        Node::Named { name: "", node } => track(node, label).named(""),
        // The function's name is the picture's title.
        Node::Named { node, .. } | Node::Field { node, .. } | Node::Settled(node) => track(node, label),
        other => panic!("no chain of these has {other:?}"),
    }
}

fn sequence(parts: &[Part]) -> Track {
    let is_sequence = |part: &Part| part.label.is_empty() && matches!(part.node, Node::Sequence(_));
    // More than twelve steps are kept in groups.
    if parts.len() > 1 && parts.iter().all(is_sequence) {
        let groups = parts.iter().map(|part| track(&part.node, ""));
        return Track::sequence(groups.flat_map(|group| match group.shape {
            Shape::Sequence(tracks) => tracks,
            shape => vec![shape.into()],
        }));
    }
    // `as` is drawn as a type.
    let mut tracks: Vec<Track> =
        parts.iter().filter(|part| part.label != "as").map(|part| track(&part.node, part.label)).collect();
    if tracks.len() == 1 { tracks.remove(0) } else { Track::sequence(tracks) }
}

fn field(node: &Node) -> Field {
    match node {
        Node::Settled(node) => field(node).settled(),
        Node::Field { name, node } => Field::new(*name, track(node, "")),
        other => Field::new("", track(other, "")),
    }
}
