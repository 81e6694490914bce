//! All that is measured.

mod batch;
mod branch;
mod map;
mod modifier;
mod observed;
mod sequence;
mod stream;

use crate::case::Case;

/// By group, in the order of the report.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("Sequences", sequence::cases()),
        ("Maps", map::cases()),
        ("Branches", branch::cases()),
        ("Modifiers", modifier::cases()),
        ("Batches", batch::cases()),
        ("Streams", stream::cases()),
        ("Observed", observed::cases()),
    ]
}
