//! A chain as a list of nodes and edges, for other renderers and for JSON.

mod build;

use crate::{Diagram, Flow, Kind, Outcome};

/// A chain as nodes and edges. The input is the first node, and the output the last.
///
/// ```
/// use catena_graph::{Diagram, Field, Kind, Network, Track, VertexKind};
///
/// let models = Track::parallel([
///     Field::new("gpt", Track::step("gpt_4o", Kind::Model)),
///     Field::new("claude", Track::step("sonnet", Kind::Model)),
/// ]);
/// let network = Network::of(&Diagram::new("ask", models).input("Question"));
/// let labels: Vec<&str> = network.vertices.iter().map(|vertex| vertex.label.as_str()).collect();
/// assert_eq!(labels, ["Question", "parallel<gpt,claude>", "gpt_4o", "sonnet", "parallel<gpt,claude>", "output"]);
/// assert_eq!(network.vertices[2].kind, VertexKind::Step(Kind::Model));
/// let edges: Vec<(usize, usize)> = network.edges.iter().map(|edge| (edge.source, edge.target)).collect();
/// assert_eq!(edges, [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Network {
    /// The nodes, each at the position of its id.
    pub vertices: Vec<Vertex>,
    /// The edges, in the order of the chain.
    pub edges: Vec<Edge>,
    /// The clusters of nodes, each at the position of its id, and after its parent.
    pub clusters: Vec<Cluster>,
}

/// A node.
///
/// ```
/// use catena_graph::{Diagram, Kind, Network, Track};
///
/// let network = Network::of(&Diagram::new("", Track::step("gpt", Kind::Model).retry(3).timeout("20 s")));
/// assert_eq!(network.vertices[1].marks, ["within 20 s", "retry ×3"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vertex {
    /// The number.
    pub id: usize,
    /// The id of its part of the chain, as in [`Diagram::tracks`]; empty at the ends.
    pub path: String,
    /// The name.
    pub label: String,
    /// The kind.
    pub kind: VertexKind,
    /// Further details, a line each.
    pub details: Vec<String>,
    /// The modifiers of this node alone: `retry ×3`, `within 20 s`.
    pub marks: Vec<String>,
    /// The address of its link.
    pub link: Option<String>,
    /// The cluster that it is in.
    pub cluster: Option<usize>,
    /// The outcome in a run.
    pub outcome: Option<Outcome>,
}

/// The kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VertexKind {
    /// The input of the chain.
    Input,
    /// The output of the chain.
    Output,
    /// A step.
    Step(Kind),
    /// The start of a parallel map.
    Fork,
    /// The end of a parallel map, which builds the record.
    Join,
    /// The start of a branch, which chooses an arm.
    Decision,
    /// The end of a branch or another fork.
    Junction,
}

/// An edge.
///
/// ```
/// use catena_graph::{Diagram, Kind, Network, Track};
///
/// let alternatives = Track::fallback([Track::step("gpt", Kind::Model), Track::step("claude", Kind::Model)]);
/// let network = Network::of(&Diagram::new("", alternatives));
/// assert_eq!(network.edges[1].label.as_deref(), Some("else"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edge {
    /// The source node.
    pub source: usize,
    /// The target node.
    pub target: usize,
    /// The flow of values along it.
    pub flow: Flow,
    /// The label: a field, a pattern or `else`.
    pub label: Option<String>,
    /// The name of the type of its values.
    pub carries: Option<String>,
}

/// A cluster of nodes.
///
/// ```
/// use catena_graph::{Diagram, Kind, Network, Track};
///
/// let network = Network::of(&Diagram::new("", Track::step("parse", Kind::Parser).for_each()));
/// assert_eq!(network.clusters[0].label, "for each item");
/// assert_eq!(network.vertices[1].cluster, Some(0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cluster {
    /// The number.
    pub id: usize,
    /// The cluster that it is in.
    pub parent: Option<usize>,
    /// The id of its part of the chain.
    pub path: String,
    /// The name.
    pub label: String,
}

impl Network {
    /// Returns the nodes and edges of a chain.
    pub fn of(diagram: &Diagram) -> Self {
        build::network(diagram)
    }

    /// Returns the clusters in a cluster, or those in none.
    pub(crate) fn clusters_in(&self, parent: Option<usize>) -> impl Iterator<Item = &Cluster> {
        self.clusters.iter().filter(move |cluster| cluster.parent == parent)
    }

    /// Returns the nodes in a cluster, or those in none.
    pub(crate) fn vertices_in(&self, cluster: Option<usize>) -> impl Iterator<Item = &Vertex> {
        self.vertices.iter().filter(move |vertex| vertex.cluster == cluster)
    }
}

impl Vertex {
    /// Returns the lines under its name: kind, details, modifiers, outcome.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let VertexKind::Step(kind) = self.kind
            && kind != Kind::Unknown
            && self.label != kind.word()
        {
            lines.push(kind.word().to_owned());
        }
        lines.extend(self.details.iter().cloned());
        lines.extend(self.marks.iter().cloned());
        if let Some(outcome) = &self.outcome {
            lines.push(format!("{} {}", outcome.status.mark(), outcome.summary()));
            lines.extend(outcome.notes.iter().chain(&outcome.error).cloned());
        }
        lines
    }
}

impl Edge {
    /// Returns its label.
    pub(crate) fn text(&self) -> String {
        let waits = (self.flow == Flow::Gathered).then_some("waits for all");
        let parts: Vec<&str> = self.label.as_deref().into_iter().chain(self.carries.as_deref()).chain(waits).collect();
        parts.join(" · ")
    }
}
