//! As a list of nodes and edges, for drawings by others and for JSON.

mod build;

use crate::{Diagram, Flow, Kind, Outcome};

/// A chain as nodes and edges: what comes in is the first node, what goes out the last.
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
    /// The nodes; each stands at the place of its id.
    pub vertices: Vec<Vertex>,
    /// The edges, in the order of the chain.
    pub edges: Vec<Edge>,
    /// What holds nodes together; each stands at the place of its id, parents before what is in them.
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
    /// Its number.
    pub id: usize,
    /// The id of the part of the chain that it stands for, as [`Diagram::tracks`] has it; empty at the ends.
    pub path: String,
    /// What it is called.
    pub label: String,
    /// What it is.
    pub kind: VertexKind,
    /// What else is known of it, a line each.
    pub details: Vec<String>,
    /// What is put around it alone: `retry ×3`, `within 20 s`.
    pub marks: Vec<String>,
    /// Where it leads.
    pub link: Option<String>,
    /// The cluster it is in.
    pub cluster: Option<usize>,
    /// What became of it in a run.
    pub outcome: Option<Outcome>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VertexKind {
    /// What comes in.
    Input,
    /// What goes out.
    Output,
    /// A step.
    Step(Kind),
    /// Where a map lends its input to its fields.
    Fork,
    /// Where their outputs become a record.
    Join,
    /// Where one arm is chosen.
    Decision,
    /// Where ways meet.
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
    /// The node it comes from.
    pub source: usize,
    /// The node it goes to.
    pub target: usize,
    /// How values go along it.
    pub flow: Flow,
    /// The field, pattern or `else` it stands for.
    pub label: Option<String>,
    /// The name of the type that goes along it.
    pub carries: Option<String>,
}

/// What holds nodes together.
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
    /// Its number.
    pub id: usize,
    /// The cluster it is in.
    pub parent: Option<usize>,
    /// The id of the part of the chain that it stands for.
    pub path: String,
    /// What it is called.
    pub label: String,
}

impl Network {
    /// The nodes and edges of a chain.
    pub fn of(diagram: &Diagram) -> Self {
        build::network(diagram)
    }

    /// The clusters in a cluster, or those in none.
    pub(crate) fn clusters_in(&self, parent: Option<usize>) -> impl Iterator<Item = &Cluster> {
        self.clusters.iter().filter(move |cluster| cluster.parent == parent)
    }

    /// The nodes in a cluster, or those in none.
    pub(crate) fn vertices_in(&self, cluster: Option<usize>) -> impl Iterator<Item = &Vertex> {
        self.vertices.iter().filter(move |vertex| vertex.cluster == cluster)
    }
}

impl Vertex {
    /// The lines under its name: kind, details, what is around it, what became of it.
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
    /// What is written on it.
    pub(crate) fn text(&self) -> String {
        let waits = (self.flow == Flow::Gathered).then_some("waits for all");
        let parts: Vec<&str> = self.label.as_deref().into_iter().chain(self.carries.as_deref()).chain(waits).collect();
        parts.join(" · ")
    }
}
