//! Mermaid, which many viewers of Markdown draw.

use std::fmt::Write as _;

use crate::label::{clean, fit};
use crate::{Diagram, Edge, Flow, Kind, Network, Status, Vertex, VertexKind};

/// A renderer of Mermaid flowcharts. Edges with streamed values are dotted.
///
/// ```
/// use catena_graph::{Diagram, Kind, Mermaid, Track};
///
/// let chain = Track::sequence([Track::step("ask", Kind::Prompt), Track::step("gpt", Kind::Model)]);
/// assert_eq!(
///     Mermaid::new().draw(&Diagram::new("", chain)),
///     "flowchart LR
///     n0([\"input\"])
///     n1[\"ask<br/>prompt\"]
///     n2(\"gpt<br/>model\")
///     n3([\"output\"])
///     n0 --> n1
///     n1 --> n2
///     n2 --> n3
/// "
/// );
/// ```
#[derive(Clone, Debug, Default)]
pub struct Mermaid {
    down: bool,
}

/// Lines longer than this are cut off: the parser has a limit for the whole.
const LONGEST: usize = 80;

impl Mermaid {
    /// Creates a renderer from left to right.
    pub fn new() -> Self {
        Mermaid::default()
    }

    /// Sets the direction from top to bottom.
    pub fn downwards(mut self) -> Self {
        self.down = true;
        self
    }

    /// Draws a diagram.
    pub fn draw(&self, diagram: &Diagram) -> String {
        let network = Network::of(diagram);
        let mut text = String::new();
        let title = clean(&diagram.title);
        if !title.is_empty() {
            // A title is read as HTML, and without entities.
            let title = fit(&title, LONGEST).replace('<', "‹").replace('>', "›");
            let title = title.replace('\\', "\\\\").replace('"', "\\\"");
            let _ = writeln!(text, "---\ntitle: \"{title}\"\n---");
        }
        text.push_str(if self.down { "flowchart TD\n" } else { "flowchart LR\n" });
        cluster(&network, None, 1, &mut text);
        for edge in &network.edges {
            line(edge, &mut text);
        }
        for vertex in &network.vertices {
            if let Some(link) = &vertex.link {
                let _ = writeln!(text, "    click n{} href \"{}\"", vertex.id, address(link));
            }
        }
        styles(&network, &mut text);
        text
    }
}

fn cluster(network: &Network, id: Option<usize>, depth: usize, text: &mut String) {
    let indent = "    ".repeat(depth);
    for vertex in network.vertices_in(id) {
        let _ = writeln!(text, "{indent}n{}{}", vertex.id, body(vertex));
    }
    for inner in network.clusters_in(id) {
        let _ = writeln!(text, "{indent}subgraph c{}[\"{}\"]", inner.id, escape(&inner.label));
        cluster(network, Some(inner.id), depth + 1, text);
        let _ = writeln!(text, "{indent}end");
    }
}

fn body(vertex: &Vertex) -> String {
    let mut label = escape(&vertex.label);
    for line in vertex.lines() {
        label.push_str("<br/>");
        label.push_str(&escape(&line));
    }
    if label.trim().is_empty() {
        label.replace_range(.., " ");
    }
    match vertex.kind {
        VertexKind::Input | VertexKind::Output => format!("([\"{label}\"])"),
        VertexKind::Step(Kind::Model) => format!("(\"{label}\")"),
        VertexKind::Step(Kind::Opaque | Kind::Lazy) => format!("[[\"{label}\"]]"),
        VertexKind::Step(_) => format!("[\"{label}\"]"),
        VertexKind::Decision => format!("{{\"{label}\"}}"),
        VertexKind::Fork | VertexKind::Join | VertexKind::Junction => "((\" \"))".to_owned(),
    }
}

fn line(edge: &Edge, text: &mut String) {
    let arrow = match edge.flow {
        Flow::Whole => "-->",
        Flow::Pieces | Flow::Gathered => "-.->",
    };
    let label = escape(&edge.text());
    let label = if label.is_empty() { String::new() } else { format!("|\"{label}\"|") };
    let _ = writeln!(text, "    n{} {arrow}{label} n{}", edge.source, edge.target);
}

fn styles(network: &Network, text: &mut String) {
    let looks = [
        (Status::Failed, "failed", "stroke:#dc4a45,stroke-width:2px"),
        (Status::Ok, "ok", "stroke:#2e9d57,stroke-width:2px"),
        (Status::Cancelled, "cancelled", "stroke-dasharray:5 3"),
        (Status::Skipped, "skipped", "opacity:0.4"),
        (Status::Running, "running", "stroke-width:3px"),
    ];
    for (status, name, look) in looks {
        let of_it = |vertex: &&Vertex| vertex.outcome.as_ref().is_some_and(|outcome| outcome.status == status);
        let ids: Vec<String> = network.vertices.iter().filter(of_it).map(|vertex| format!("n{}", vertex.id)).collect();
        if !ids.is_empty() {
            let _ = writeln!(text, "    classDef {name} {look}\n    class {} {name}", ids.join(","));
        }
    }
}

/// Text inside quotes: everything that could mean something is written as a number.
fn escape(text: &str) -> String {
    let mut safe = String::new();
    for c in fit(text, LONGEST).chars() {
        if c.is_ascii()
            && !c.is_ascii_alphanumeric()
            && !matches!(c, ' ' | '_' | '.' | ',' | '-' | '+' | '/' | '?' | '!')
        {
            let _ = write!(safe, "#{};", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A link inside quotes.
fn address(link: &str) -> String {
    let mut safe = String::new();
    for c in link.chars() {
        match c {
            '"' | '<' | '>' | ' ' | '\\' | '`' | '{' | '}' | '|' | '^' => {
                let _ = write!(safe, "%{:02X}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    safe
}
