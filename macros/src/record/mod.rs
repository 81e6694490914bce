//! Records: `#[derive(Record)]`, `record!`, and the structs that maps and picks make.

mod derive;
mod generated;
mod literal;
mod name;

pub(crate) use derive::derive;
pub(crate) use generated::{Shape, tree, variant};
pub(crate) use literal::expand;
pub(crate) use name::{name_type, text};
