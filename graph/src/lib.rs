//! The picture of a Catena chain, and its renderers.
//!
//! A chain is described as a tree that knows nothing of how chains run: `catena`'s macros make one from the tokens of a chain,
//! for rustdoc, and `catena` itself makes one of a chain that is there. Everything here is a pure function: the same tree
//! always gives the same text.
//!
//! | the picture | |
//! |---|---|
//! | [`Diagram`] | a chain with a title and the types at its ends |
//! | [`Track`], [`Shape`] | a part: a step, or parts put together |
//! | [`Field`], [`Arm`] | of a parallel map, of a branch |
//! | [`Step`], [`Kind`], [`Extent`] | a single step, what it is, how much it takes and gives at a time |
//! | [`Outcome`], [`Status`] | what became of a part in a run |
//! | [`Flow`] | how a value goes along a rail: whole, in pieces, or in pieces that are waited for |
//!
//! | drawn | |
//! |---|---|
//! | [`Svg`] | a railroad, for rustdoc or as a file |
//! | [`Page`], [`Bar`] | a run as a page of HTML, with a timeline |
//! | [`Text`] | the same in characters, for terminals |
//! | [`Mermaid`] | for Markdown |
//! | [`Dot`] | for Graphviz |
//! | [`Network`], [`Vertex`], [`Edge`], [`Cluster`] | a list of nodes and edges |
//! | [`Diagram::words`] | a sentence, for those who hear it |
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
pub use svg::Svg;
pub use text::Text;
pub use track::{Arm, Field, Shape, Track};
