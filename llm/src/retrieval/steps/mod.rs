//! Steps between an index and a prompt.
//!
//! | file | contents |
//! |---|---|
//! | `splitter` | `Splitter`, which cuts long documents (feature `splitters`) |
//! | `fuse` | [`Fuse`], which merges ranked lists |
//! | `lists` | [`Lists`], the inputs of it |
//! | `dedup` | [`Deduplicate`], which removes duplicates |
//! | `dedup_key` | the identity of a document, for both |
//! | `format` | [`Numbered`], which prints documents into a prompt |

mod dedup;
mod dedup_key;
mod format;
mod fuse;
mod lists;
#[cfg(feature = "splitters")]
mod splitter;

pub use dedup::Deduplicate;
pub use format::Numbered;
pub use fuse::{Equal, Fuse, FuseLists, Weigh};
pub use lists::{DocumentList, Lists};
#[cfg(feature = "splitters")]
pub use splitter::Splitter;
