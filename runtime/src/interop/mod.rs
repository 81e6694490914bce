//! Other crates' traits of a call: a chain as theirs, and theirs as a step.
//!
//! | file | contents |
//! |---|---|
//! | [`tower`] | `tower::Service` |

pub mod tower;
