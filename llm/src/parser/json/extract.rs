//! JSON in an answer: alone, in a fenced block, or surrounded by prose.

use super::{ParseError, groups::groups};
use crate::parser::thoughts::after_closing;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

/// Returns the value of the first candidate that can be parsed: the whole answer, fenced blocks, objects, arrays.
pub(in crate::parser) fn extract<T: DeserializeOwned>(text: &str, expected: &str) -> Result<T, ParseError> {
    if let Some(answer) = answer_after_thoughts(text) {
        return extract_from(answer, expected).map_err(|error| ParseError::new(text, error.expected(), error.reason()));
    }
    extract_from(text, expected)
}

/// Returns the text after thoughts without an opening tag. A closing tag within JSON is part of the answer.
fn answer_after_thoughts(text: &str) -> Option<&str> {
    let answer = after_closing(text)?;
    let closing = text.len() - answer.len();
    let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
    let is_within = |group: &&str| {
        let begin = group.as_ptr() as usize - text.as_ptr() as usize;
        (begin..begin + group.len()).contains(&closing)
    };
    (!is_json() && !groups(text, usize::MAX).iter().any(is_within)).then_some(answer)
}

fn extract_from<T: DeserializeOwned>(text: &str, expected: &str) -> Result<T, ParseError> {
    let whole = text.trim();
    let bare = whole.starts_with(['{', '[']);
    let mut why: Option<serde_json::Error> = None;
    let mut attempt = |candidate: &str, counts: bool| match serde_json::from_str(candidate) {
        Ok(value) => Some(value),
        Err(error) => {
            // A value of another type is a better explanation than a text that is not JSON.
            let tells = error.classify() == Category::Data;
            if counts && why.as_ref().is_none_or(|why| tells && why.classify() != Category::Data) {
                why = Some(error);
            }
            None
        }
    };
    if let Some(value) = attempt(whole, bare) {
        return Ok(value);
    }
    for block in fenced(whole) {
        if let Some(value) = attempt(block, true) {
            return Ok(value);
        }
    }
    let groups = groups(whole, usize::MAX);
    let (objects, arrays): (Vec<&str>, Vec<&str>) = groups.iter().partition(|group| group.starts_with('{'));
    for group in objects.into_iter().chain(arrays) {
        if let Some(value) = attempt(group, true) {
            return Ok(value);
        }
    }
    let reason = match why {
        Some(error) if error.is_eof() => format!("it ends too early ({error})"),
        Some(error) => error.to_string(),
        None => match serde_json::from_str::<T>(whole) {
            // A string or a number: JSON, but of another type.
            Err(error) if error.classify() == Category::Data => error.to_string(),
            _ => "there is no JSON in it".to_owned(),
        },
    };
    Err(ParseError::new(text, expected, reason))
}

/// Returns the contents of the fenced blocks that may be JSON.
fn fenced(text: &str) -> impl Iterator<Item = &str> {
    // Every second piece is inside a block.
    let mut pieces = text.split("```").skip(1);
    std::iter::from_fn(move || {
        let block = pieces.next()?;
        pieces.next();
        Some(block)
    })
    .filter_map(|block| {
        let (info, inside) = block.split_once('\n').unwrap_or(("", block));
        let info = info.trim().to_ascii_lowercase();
        (info.is_empty() || info.starts_with("json")).then(|| inside.trim())
    })
}
