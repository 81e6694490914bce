//! Helpers that more than one macro uses.

pub(crate) mod attributes;
pub(crate) mod diagnostics;
pub(crate) mod name_mark;
pub(crate) mod option_list;
pub(crate) mod plain_function;
pub(crate) mod respan;
pub(crate) mod source_text;
pub(crate) mod step_methods;
pub(crate) mod turbofish;
