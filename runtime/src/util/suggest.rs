//! Names that do not exist, and those that were likely meant.

use crate::{Error, ErrorKind};

/// Names as a list.
pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The name that this one is likely to stand for.
pub(crate) fn near<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .map(|(_, name)| name)
}

/// A name that is not among those there are.
pub(crate) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let hint = match near(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => match list(known) {
            none if none.is_empty() => "there are none".to_owned(),
            names => format!("there are {names}"),
        },
    };
    Error::new(ErrorKind::BadInput, format!("there is no {what} `{name}`: {hint}"))
}
