//! The drawing of a step from its structure.

use crate::{Component, Node, graph};
use catena_graph::Track;

/// The picture of a step that nothing has become of yet. `label` is what it is written as, where it has no name.
pub(super) fn track(node: &Node, label: &str) -> Track {
    let step = Component::of_node(node).simple();
    graph::track::of(&if step.is_one_step() { step.written_as(label) } else { step })
}
