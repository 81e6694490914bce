//! The picture of a Catena chain.

mod diagram;
mod dot;
mod flow;
mod label;
mod mermaid;
mod network;
mod outcome;
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
pub use step::{Extent, Kind, Step};
pub use svg::Svg;
pub use text::Text;
pub use track::{Arm, Field, Shape, Track};
