//! Items that macro expansions name. Not public API: they change without notice.

#[cfg(feature = "providers")]
pub use crate::wire::read_bytes;
pub use crate::{
    Message, Tool, ToolCall, ToolContent,
    tool::{Arguments, Parameters, closure::calls, input_json, run},
};
