//! Records: `#[derive(Record)]`, `record!`, and the structs that maps and picks make.

mod derive;
mod literal;
mod name;
mod shape;

pub(crate) use derive::derive;
pub(crate) use literal::expand;
pub(crate) use name::{name_type, text};
pub(crate) use shape::{Shape, tree, variant};
