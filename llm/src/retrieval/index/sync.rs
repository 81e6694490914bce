//! Incremental indexing: what has to be written, and what has to go.

use super::ContentHash;
use crate::retrieval::{Document, Filter};
use catena::{Error, ErrorKind, Result};
use std::collections::{BTreeMap, HashSet};

/// The number of documents that are written at once. After an interruption, those that were written stay.
pub(super) const BATCH: usize = 100;

/// The changes that a synchronisation of an index has made, in documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Synced {
    /// The number of new documents.
    pub added: usize,
    /// The number of documents whose text or metadata differed.
    pub changed: usize,
    /// The number of documents that are gone.
    pub removed: usize,
    /// The number of documents that were there already.
    pub unchanged: usize,
}

/// The work of a synchronisation.
pub(super) struct Plan {
    pub(super) write: Vec<Document>,
    pub(super) remove: Vec<String>,
    pub(super) synced: Synced,
}

impl Plan {
    /// Compares the documents with those that an index has within a filter.
    pub(super) fn new(
        mut known: BTreeMap<String, ContentHash>,
        documents: impl IntoIterator<Item = Document>,
        filter: &Filter,
    ) -> Result<Self> {
        let (mut seen, mut write, mut synced) = (HashSet::new(), Vec::new(), Synced::default());
        for document in documents {
            let Some(id) = document.id() else {
                return Err(wrong("a document without an id cannot be found again: set one by `with_id`"));
            };
            if !seen.insert(id.to_owned()) {
                return Err(wrong(&format!("two documents have the id `{id}`")));
            }
            if !filter.accepts(document.metadata()) {
                let message =
                    "does not match the filter, and would not be found again: add the entries to its metadata";
                return Err(wrong(&format!("the document `{id}` {message}")));
            }
            match known.remove(id) {
                Some(hash) if hash == document.content_hash() => synced.unchanged += 1,
                Some(_) => {
                    synced.changed += 1;
                    write.push(document);
                }
                None => {
                    synced.added += 1;
                    write.push(document);
                }
            }
        }
        let remove: Vec<String> = known.into_keys().collect();
        synced.removed = remove.len();
        Ok(Plan { write, remove, synced })
    }
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::BadInput, message.to_owned()).while_doing("synchronising an index")
}
