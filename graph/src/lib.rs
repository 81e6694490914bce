//! The picture of a Catena chain.

mod diagram;
mod flow;
mod label;
mod outcome;
mod step;
mod svg;
mod track;
mod words;

pub use diagram::Diagram;
pub use flow::Flow;
pub use outcome::{Outcome, Status};
pub use step::{Extent, Kind, Step};
pub use svg::Svg;
pub use track::{Arm, Field, Shape, Track};
