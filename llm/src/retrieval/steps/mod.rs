//! Steps between an index and a prompt.
//!
//! | file | contents |
//! |---|---|
//! | `splitter` | `Splitter`, which cuts long documents (feature `splitters`) |
//! | `fuse` | [`Fuse`], which merges ranked lists |
//! | `lists` | [`DocumentLists`], its input |
//! | `dedup` | [`Deduplicate`], which removes duplicates |
//! | `dedup_key` | the identity of a document, for both |
//! | `format` | [`FormatDocuments`], which formats documents for a prompt |

mod dedup;
mod dedup_key;
mod format;
mod fuse;
mod lists;
#[cfg(feature = "splitters")]
mod splitter;

pub use dedup::Deduplicate;
pub use format::FormatDocuments;
pub use fuse::{EqualWeights, Fuse, FuseLists, Weights};
pub use lists::{DocumentList, DocumentLists};
#[cfg(feature = "splitters")]
pub use splitter::Splitter;
