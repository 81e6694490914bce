//! The tests of Catena through its public API, as one program: a room for each subject, a module for each file.
//!
//! `cargo test -p catena-tests core::retry` runs those of one file. Programs of their own are those that count allocations
//! or measure sizes: `allocations`, `future_sizes`, `scale`. The tests share a process: what is global to it (environment
//! variables, the current directory, the default of `tracing`) is not theirs to set.

mod conformance;
mod core;
mod limits;
mod macros;
mod observe;
