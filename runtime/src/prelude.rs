//! The names that programs with chains use: `use catena::prelude::*`.
//!
//! The extension traits are imported without their names, so that they cannot collide with yours.

pub use crate::{Context, Record, Retry, Runnable, RunnableExt as _, Step, StepExt as _, chain, record, runnable};
