//! What a program that writes chains needs: `use catena::prelude::*`.
//!
//! The traits with the methods come without their names, so that they cannot stand in the way of others.

pub use crate::{Context, Record, Retry, Runnable, RunnableExt as _, Step, StepExt as _, chain, record, runnable};
