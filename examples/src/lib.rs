//! What the examples share: a look from outside at how the steps of a chain fare, and how a program ends.
#![forbid(unsafe_code)]

pub mod chains;
#[cfg(any(test, doctest))]
mod guide;
mod program;
#[cfg(test)]
mod readme;
mod watch;

pub use program::{Printed, ctrl_c, finish, unless_cancelled};
pub use watch::{Call, Observe, Watch, Watched};

/// The README's code, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
