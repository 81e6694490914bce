//! Manifests as JSON, in the form of LangChain's `dumpd`.
//!
//! | file | contents |
//! |---|---|
//! | [`write`](mod@write) | a manifest to JSON |
//! | [`read`] | a manifest from JSON |

pub(super) mod read;
pub(super) mod write;
