//! The record of a step.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Record`], and its check on reading |
//! | `key` | the key of a step in its run |
//! | `digest` | hashes of inputs |
//! | `outcome` | outcomes as JSON |
//! | `failure` | errors as JSON |
//! | `usage` | the tokens that a step used |

pub(crate) mod digest;
mod failure;
pub(crate) mod key;
pub(crate) mod outcome;
pub(crate) mod usage;

use digest::Digest;
use usage::Usage;

/// A finished step.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// The key in the run.
    pub(crate) key: String,
    /// The hash of the input.
    pub(crate) input: Digest,
    /// The outcome; see [`outcome`].
    pub(crate) payload: Vec<u8>,
    pub(crate) usage: Usage,
    /// The hash of the chain that ran it.
    pub(crate) chain: String,
    /// The process that ran it.
    pub(crate) process: String,
    /// Milliseconds since 1970.
    pub(crate) started: i64,
    /// Milliseconds since 1970.
    pub(crate) finished: i64,
}

impl Record {
    /// The checksum that is stored beside the record. A record without the right one was not written whole, and is none.
    pub(crate) fn checksum(&self) -> String {
        Digest::of_parts(&[self.key.as_bytes(), self.input.text().as_bytes(), &self.payload]).text().to_owned()
    }
}

/// The key and the input of a record.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) input: Digest,
}
