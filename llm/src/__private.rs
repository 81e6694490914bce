//! Items that macro expansions name. Not public API: they change without notice.

pub use crate::{
    Message, Tool, ToolCall,
    tool::{Arguments, Parameters, content, input_json, run},
};
