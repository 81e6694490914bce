//! The identity of documents.

use crate::retrieval::Document;
use serde::Serialize;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum DedupBy {
    /// By id; documents without one by content.
    #[default]
    Id,
    Content,
}

#[derive(PartialEq, Eq, Hash)]
pub(super) enum DedupKey {
    Id(String),
    /// The words in lower case. Texts that differ at most in case, spacing and punctuation are equal.
    Words(String),
}

impl DedupBy {
    pub(super) fn key(self, document: &Document) -> DedupKey {
        match (self, document.id()) {
            (DedupBy::Id, Some(id)) => DedupKey::Id(id.to_owned()),
            _ => DedupKey::Words(fingerprint(document.content())),
        }
    }
}

fn fingerprint(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        words.extend(word.chars().flat_map(char::to_lowercase));
        words.push(' ');
    }
    // A text without words is compared as it is.
    if words.is_empty() { text.trim().to_owned() } else { words }
}
