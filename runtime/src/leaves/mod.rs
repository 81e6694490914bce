//! Leaves: steps without parts.
//!
//! | file | contents |
//! |---|---|
//! | [`closure`] | closures, synchronous and asynchronous |
//! | [`generator`] | functions from a stream to a stream |
//! | [`passthrough`] | the input as it is |
//! | [`pick`] | a part of the input |
//! | [`projection`] | some fields of a stream of records |

pub(crate) mod closure;
pub(crate) mod generator;
pub(crate) mod passthrough;
pub(crate) mod pick;
pub(crate) mod projection;
