//! DOT, for Graphviz.

use std::fmt::Write as _;

use crate::label::{clean, fit};
use crate::{Diagram, Flow, Kind, Network, Status, Vertex, VertexKind};

/// A renderer of DOT, the language of Graphviz. Edges with streamed values are dashed, with a bar if a step buffers them.
///
/// ```
/// use catena_graph::{Diagram, Dot, Kind, Track};
///
/// let dot = Dot::new().draw(&Diagram::new("shout", Track::step("shout", Kind::Function)));
/// assert!(dot.starts_with("digraph \"shout\" {"));
/// assert!(dot.contains("n1 [label=\"shout\\nfunction\"]"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Dot {
    down: bool,
}

/// Lines longer than this are cut off.
const LONGEST: usize = 80;

impl Dot {
    /// Creates a renderer from left to right.
    pub fn new() -> Self {
        Dot::default()
    }

    /// Sets the direction from top to bottom.
    pub fn downwards(mut self) -> Self {
        self.down = true;
        self
    }

    /// Draws a diagram.
    pub fn draw(&self, diagram: &Diagram) -> String {
        let network = Network::of(diagram);
        let mut text = format!("digraph \"{}\" {{\n", escape(&clean(&diagram.title)));
        let _ = writeln!(text, "    rankdir={};", if self.down { "TB" } else { "LR" });
        text.push_str("    fontname=\"Helvetica\"; fontsize=10;\n");
        text.push_str("    node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];\n");
        text.push_str("    edge [fontname=\"Helvetica\", fontsize=9];\n");
        cluster(&network, None, 1, &mut text);
        for edge in &network.edges {
            let mut attributes = Vec::new();
            let label =
                edge.label.as_deref().into_iter().chain(edge.carries.as_deref()).collect::<Vec<_>>().join(" · ");
            if !label.is_empty() {
                attributes.push(format!("label=\"{}\"", escape(&label)));
            }
            match edge.flow {
                Flow::Whole => {}
                Flow::Pieces => attributes.push("style=dashed".to_owned()),
                Flow::Gathered => attributes.push("style=dashed, arrowhead=normaltee".to_owned()),
            }
            let attributes =
                if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
            let _ = writeln!(text, "    n{} -> n{}{attributes};", edge.source, edge.target);
        }
        text.push_str("}\n");
        text
    }
}

fn cluster(network: &Network, id: Option<usize>, depth: usize, text: &mut String) {
    let indent = "    ".repeat(depth);
    for vertex in network.vertices_in(id) {
        let _ = writeln!(text, "{indent}n{} [{}];", vertex.id, attributes(vertex));
    }
    for inner in network.clusters_in(id) {
        let _ = writeln!(text, "{indent}subgraph cluster_{} {{", inner.id);
        let _ = writeln!(text, "{indent}    label=\"{}\"; style=rounded; color=gray;", escape(&inner.label));
        cluster(network, Some(inner.id), depth + 1, text);
        let _ = writeln!(text, "{indent}}}");
    }
}

fn attributes(vertex: &Vertex) -> String {
    let mut label = escape(&vertex.label);
    for line in vertex.lines() {
        label.push_str("\\n");
        label.push_str(&escape(&line));
    }
    let shape = match vertex.kind {
        VertexKind::Input | VertexKind::Output => ", shape=oval, style=solid",
        VertexKind::Step(Kind::Opaque | Kind::Lazy) => ", style=\"rounded,dashed\"",
        VertexKind::Step(_) => "",
        VertexKind::Decision => ", shape=diamond, style=solid",
        VertexKind::Fork | VertexKind::Join | VertexKind::Junction => {
            let tip = if vertex.label.is_empty() { String::new() } else { format!(", tooltip=\"{label}\"") };
            return format!("label=\"\", shape=point, width=0.1{tip}");
        }
    };
    let colour = match vertex.outcome.as_ref().map(|outcome| outcome.status) {
        Some(Status::Failed) => ", color=\"#dc4a45\", penwidth=2",
        Some(Status::Ok) => ", color=\"#2e9d57\", penwidth=2",
        Some(Status::Skipped) => ", color=gray, fontcolor=gray",
        Some(Status::Cancelled) => ", color=gray",
        Some(Status::Running) => ", penwidth=2",
        None => "",
    };
    let link = vertex.link.as_deref().map(|link| format!(", URL=\"{}\"", quoted(link))).unwrap_or_default();
    format!("label=\"{label}\"{shape}{colour}{link}")
}

/// Text inside quotes that Graphviz shows as it is.
fn escape(text: &str) -> String {
    quoted(&fit(text, LONGEST).replace('&', "&amp;"))
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
