//! Streams of chunks between steps.
//!
//! | file | contents |
//! |---|---|
//! | [`chunks`] | the boxed stream of a step |
//! | [`generate`] | a stream that an `async` block makes |
//! | [`typed`] | streams that keep their type from step to step |
//! | [`assemble`] | assemblers, which build an output from its chunks |
//! | [`gather`] | items that add up to a value |

pub(crate) mod assemble;
pub(crate) mod chunks;
pub(crate) mod gather;
pub(crate) mod generate;
pub(crate) mod typed;
