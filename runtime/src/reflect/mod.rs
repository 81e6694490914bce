//! Knowledge about users' types, collected without a bound on them.
//!
//! | file | contents |
//! |---|---|
//! | [`registry`] | how values of a type are written, cloned and described; probes that find out |
//! | [`type_id_map`] | maps by types |
//! | [`copier`] | copies of values whose type is known to be `Clone` elsewhere |
//! | [`type_name`] | names of types, shortened for people |
//! | [`json_schema`] | JSON Schemas that embed other schemas |
//! | [`to_json`] | values as JSON, for other crates |

pub(crate) mod copier;
pub(crate) mod json_schema;
pub(crate) mod registry;
mod to_json;
pub(crate) mod type_id_map;
pub(crate) mod type_name;
