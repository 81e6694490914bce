//! Knowledge about users' types, collected without a bound on them.
//!
//! | file | contents |
//! |---|---|
//! | [`registry`] | how values of a type are written, cloned and described; probes that find out |
//! | [`once`] | registration at most once for each type of step |
//! | [`type_name`] | names of types, shortened for people |
//! | [`json_schema`] | JSON Schemas that embed other schemas |

pub(crate) mod json_schema;
pub(crate) mod once;
pub(crate) mod registry;
pub(crate) mod type_name;
