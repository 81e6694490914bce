//! The picture of a Catena chain, and its renderers.
//!
//! Most programs need no more than [`catena`](https://docs.rs/catena)'s `graph()` and `Drawing`, which use this crate. Use it
//! directly to draw a chain that is not in Rust, to add a format, or to draw a run in another way.
//!
//! A [`Diagram`] is a tree without behaviour. `catena`'s macros create one from the tokens of a chain, for rustdoc. `catena`
//! creates one from a chain. All functions here are pure: the same tree always gives the same text.
//!
//! | to describe | use |
//! |---|---|
//! | a chain, with a title and the types at its ends | [`Diagram`] |
//! | a part: a step, or parts put together (sequence, parallel map, branch, retry, timeout, fallback) | [`Track`], [`Shape`] |
//! | a field of a parallel map, an arm of a branch | [`Field`], [`Arm`] |
//! | a single step, its kind, and whether it streams | [`Step`], [`Kind`], [`Extent`] |
//! | the outcome of a part in a run: time, attempts, error, cost | [`Outcome`], [`Status`] |
//! | a value on a rail: whole, or in chunks | [`Flow`] |
//!
//! | to draw | use |
//! |---|---|
//! | **SVG**, for rustdoc, READMEs and web pages | [`Svg`] |
//! | **HTML**, a run with a timeline | [`Page`], [`Bar`] |
//! | **text**, for terminals | [`Text`] |
//! | **Mermaid**, for Markdown | [`Mermaid`] |
//! | **DOT**, for Graphviz | [`Dot`] |
//! | **JSON**, or a format of your own: nodes and edges | [`Network`], [`Vertex`], [`Edge`], [`Cluster`] |
//! | a sentence, for a screen reader | [`Diagram::words`] |
//!
//! ```
//! use catena_graph::{Diagram, Extent, Field, Kind, Step, Svg, Text, Track};
//!
//! let model = |name: &str| Track::from(Step::new(name, Kind::Model).streams(Extent::Whole, Extent::Pieces));
//! let models = Track::parallel([
//!     Field::new("gpt", model("gpt_4o").retry(3)),
//!     Field::new("claude", model("sonnet").timeout("20 s")),
//!     Field::new("gemini", model("flash")).settled(),
//! ]);
//! let chain = Track::sequence([Track::step("prompt", Kind::Prompt), models, Track::step("consensus", Kind::Function)]);
//! let diagram = Diagram::new("compare", chain).input("Question").output("Verdict");
//!
//! assert_eq!(
//!     Text::new(100).draw(&diagram),
//!     "\
//! Question ─▶ prompt ──┬─ gpt ─────▶ gpt_4o [retry ×3] ┄┄┄┄┬┄┃▶ consensus ─▶ Verdict
//!                      ├─ claude ──▶ sonnet [within 20 s] ┄┤
//!                      └─ gemini? ─▶ flash ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┘
//! "
//! );
//! assert!(Svg::new("compare").draw(&diagram).contains("gemini?"));
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod diagram;
mod dot;
mod flow;
mod label;
mod mermaid;
mod network;
mod outcome;
mod page;
mod step;
mod svg;
mod text;
mod track;
mod words;

pub use diagram::Diagram;
pub use dot::Dot;
pub use flow::Flow;
pub use mermaid::Mermaid;
pub use network::{Cluster, Edge, Network, Vertex, VertexKind};
pub use outcome::{Outcome, Status};
pub use page::{Bar, Page};
pub use step::{Extent, Kind, Step};
pub use svg::{Svg, escape};
pub use text::Text;
pub use track::{Arm, Field, Shape, Track};
