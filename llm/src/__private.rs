//! What the macros' expansions call. Not for anyone else: it changes without notice.

pub use crate::{
    Message, Tool, ToolCall,
    tool::{Arguments, Parameters, content, input_json, run},
};
