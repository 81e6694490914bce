//! The texts, and what a word and a duplicate are.

use catena::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::{fs, path::Path};

/// A text with its title.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// A document that a source found. Scores of different sources do not compare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hit {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) score: f64,
}

/// Three collections, which overlap.
pub(crate) struct Library {
    pub(crate) notes: Vec<Document>,
    pub(crate) handbook: Vec<Document>,
    pub(crate) web: Vec<Document>,
}

impl Library {
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        Ok(Library {
            notes: documents(&folder.join("notes"))?,
            handbook: documents(&folder.join("handbook"))?,
            web: documents(&folder.join("web"))?,
        })
    }
}

/// The `.txt` files of a folder: the first line is the title.
fn documents(folder: &Path) -> Result<Vec<Document>> {
    let reading = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| {
            let kind = if error.kind() == std::io::ErrorKind::NotFound { ErrorKind::BadInput } else { ErrorKind::Step };
            Error::from_source(kind, error).while_doing(format!("reading {path}"))
        }
    };
    let entries: std::io::Result<Vec<_>> = fs::read_dir(folder).and_then(Iterator::collect);
    let mut paths: Vec<_> = entries.map_err(reading(folder))?.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let document = |path: &std::path::PathBuf| {
        let file = fs::read_to_string(path).map_err(reading(path))?;
        let (title, text) = file.trim_start().split_once('\n').unwrap_or((&file, ""));
        Ok(Document { title: title.trim().to_owned(), text: text.split_whitespace().collect::<Vec<_>>().join(" ") })
    };
    paths.iter().map(document).collect()
}

/// Words too common to say anything.
const COMMON: [&str; 40] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "get", "has", "have", "how",
    "i", "if", "in", "is", "it", "its", "my", "not", "of", "on", "or", "so", "that", "the", "their", "they", "this",
    "to", "what", "when", "why", "with", "you",
];

/// The words of a text, in lower case and without their punctuation.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The words to search by: no common ones, and plurals without their `s`.
pub(crate) fn terms(text: &str) -> impl Iterator<Item = String> {
    words(text).filter(|word| !COMMON.contains(&word.as_str())).map(|word| match word.strip_suffix('s') {
        Some(one) if one.len() > 2 && !one.ends_with(['s', 'u', 'i']) => one.to_owned(),
        _ => word,
    })
}

/// Equal for texts that differ in nothing but case, spacing and punctuation.
pub(crate) fn fingerprint(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}
