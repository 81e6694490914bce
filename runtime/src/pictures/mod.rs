#![doc = include_str!("../../docs/pictures.md")]

#[cfg(doc)]
mod example;

#[cfg(doc)]
pub use example::{ask, backup, describe, shout, verdict, words};
