//! Drawings of chains, with the settings that only their values know.
//!
//! | file | contents |
//! |---|---|
//! | [`track`] | a manifest as a track |
//! | [`network`] | a manifest as a network of vertices and edges |
//! | [`labels`] | settings as text |
//! | [`format`](mod@format) | the formats of a drawing |
//! | [`golden`] | drawings as golden files: [`assert_graph!`](crate::assert_graph) |
//! | [`command`] | the program behind [`graph_main!`](crate::graph_main) |

pub(crate) mod command;
mod format;
pub(crate) mod golden;
pub(crate) mod labels;
mod network;
pub(crate) mod track;

pub use format::Format;

#[cfg(feature = "schema")]
use crate::reflect::registry;
use crate::{Manifest, Runnable, manifest};
use catena_graph::{Diagram, Dot, Mermaid, Svg, Text};
use serde_json::Value;
use std::fmt;

/// The default width of text, in columns.
const COLUMNS: usize = 100;

/// The drawing of a chain, with attempts, limits, models and types; created by [`graph`](crate::RunnableExt::graph).
///
/// A chain always gives the same text. [`assert_graph!`](crate::assert_graph) compares it with a golden file, so that a change
/// shows in review.
///
/// ```
/// use catena::prelude::*;
/// use std::time::Duration;
///
/// #[runnable]
/// async fn ask(question: &str) -> String { format!("{question} indeed") }
/// #[runnable]
/// fn longer(one: String, two: String) -> String { if one.len() > two.len() { one } else { two } }
///
/// let chain = chain!(String => <one: ask.retry(3), two: ask.timeout(Duration::from_secs(20))> | longer);
/// assert_eq!(
///     chain.graph().text(),
///     "\
/// String ──┬─ one ─▶ ask [retry ×3] ────┬─ { one: String, two: Str… ─▶ longer ─▶ String
///          └─ two ─▶ ask [within 20 s] ─┘
/// "
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    diagram: Diagram,
    input_schema: Option<Value>,
    output_schema: Option<Value>,
}

impl Manifest {
    /// The diagram of the chain.
    pub fn graph(&self) -> Graph {
        Graph::of(self)
    }
}

impl Graph {
    pub(crate) fn of(manifest: &Manifest) -> Self {
        Graph { diagram: track::diagram(manifest), input_schema: None, output_schema: None }
    }

    #[cfg(feature = "schema")]
    pub(crate) fn with_schemas(self, input_schema: Option<Value>, output_schema: Option<Value>) -> Self {
        Graph { input_schema, output_schema, ..self }
    }

    /// Returns the tree that `catena-graph` draws, to change it or to draw it in another way.
    pub fn diagram(&self) -> &Diagram {
        &self.diagram
    }

    /// Returns text for terminals: a railroad in characters, at most 100 columns wide; see
    /// [`text_of_width`](Self::text_of_width). `Display` writes the same.
    pub fn text(&self) -> String {
        self.text_of_width(COLUMNS)
    }

    /// Returns text for a terminal of this many columns. If they are too few for a railroad, it is an outline.
    pub fn text_of_width(&self, columns: usize) -> String {
        Text::new(columns).draw(&self.diagram)
    }

    /// Returns a Mermaid flowchart, for Markdown.
    pub fn mermaid(&self) -> String {
        Mermaid::new().draw(&self.diagram)
    }

    /// Returns DOT, for Graphviz.
    pub fn dot(&self) -> String {
        Dot::new().draw(&self.diagram)
    }

    /// Returns SVG for READMEs and pages. It has no scripts, loads nothing, and follows the reader's light or dark theme.
    pub fn svg(&self) -> String {
        Svg::new(&self.diagram.title).standalone().draw(&self.diagram)
    }

    /// Returns nodes and edges in the form of LangChain's `to_json`: `{"nodes": [{"id", "type", "data"}], "edges": [{"source",
    /// "target"}]}`. Further properties are in `details`, `around`, `flow` and `carries`. With the feature `schema`, the first and
    /// the last node have the JSON Schema of their type, if it is known.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// let json = double.retry(3).graph().json();
    /// assert_eq!(json["nodes"][1]["data"]["name"], "double");
    /// assert_eq!(json["nodes"][1]["around"][0], "retry ×3");
    /// assert_eq!(json["edges"][0]["target"], 1);
    /// ```
    pub fn json(&self) -> Value {
        let mut json = self.network_json();
        // Sorted at the end, whatever order this build of `serde_json` keeps.
        let last = json["nodes"].as_array().map_or(0, |nodes| nodes.len().saturating_sub(1));
        for (node, schema) in [(0, &self.input_schema), (last, &self.output_schema)] {
            if let Some(schema) = schema {
                json["nodes"][node]["schema"] = schema.clone();
            }
        }
        json.sort_all_objects();
        json
    }

    /// Returns the same without schemas.
    pub(crate) fn network_json(&self) -> Value {
        network::json(&self.diagram)
    }

    /// Draws the chain in a format. JSON has line breaks.
    ///
    /// ```
    /// use catena::{Format, prelude::*};
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// assert_eq!(double.graph().draw(Format::Text), "u32 ─▶ double ─▶ u32\n");
    /// ```
    pub fn draw(&self, format: Format) -> String {
        let mut text = match format {
            Format::Text => self.text(),
            Format::Mermaid => self.mermaid(),
            Format::Dot => self.dot(),
            Format::Svg => self.svg(),
            Format::Json => format!("{:#}", self.json()),
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// The drawing of a chain.
pub(crate) fn of_chain<In: Send, R: Runnable<In>>(chain: &R) -> Graph {
    of_manifest::<In, R>(&manifest::of_chain(chain))
}

/// The drawing of a chain that has this manifest.
#[cfg_attr(not(feature = "schema"), allow(clippy::extra_unused_type_parameters, reason = "the schemas name it"))]
pub(crate) fn of_manifest<In: Send, R: Runnable<In>>(manifest: &Manifest) -> Graph {
    let graph = manifest.graph();
    #[cfg(feature = "schema")]
    let graph = graph.with_schemas(registry::schema_named::<In>(), registry::schema_of::<R::Output>());
    graph
}
