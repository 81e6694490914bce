//! JSON in an answer: alone, in a fenced block, or with prose around it.

use super::ParseError;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// How many brackets that are never closed are looked behind.
const OPEN: usize = 4;

/// What the answer says in JSON: the whole of it, else what is in a fenced block, else the first object that can be read,
/// else the first array.
pub(super) fn extract<T: DeserializeOwned>(text: &str, expected: &str) -> Result<T, ParseError> {
    let whole = text.trim();
    let bare = whole.starts_with(['{', '[']);
    let mut why: Option<serde_json::Error> = None;
    let mut attempt = |candidate: &str, counts: bool| match serde_json::from_str(candidate) {
        Ok(value) => Some(value),
        Err(error) => {
            // That a value is of another type tells more than that something else is no JSON.
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
            // Text in quotes, a number: JSON, and of another type.
            Err(error) if error.classify() == Category::Data => error.to_string(),
            _ => "there is no JSON in it".to_owned(),
        },
    };
    Err(ParseError::new(text, expected, reason))
}

/// What is in fenced blocks that may be JSON.
fn fenced(text: &str) -> impl Iterator<Item = &str> {
    // Between one fence and the next, every second piece.
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

/// The objects and arrays in a text, by their brackets alone: whether they are JSON is for others to say. One that is not
/// closed goes to the end of the text. At most so many.
pub(super) fn groups(text: &str, most: usize) -> Vec<&str> {
    let mut groups = Vec::new();
    let (mut from, mut open) = (0, 0);
    while groups.len() < most
        && let Some(at) = text[from..].find(['{', '[']).map(|at| from + at)
    {
        match closed(&text[at..]) {
            Some(end) => {
                groups.push(&text[at..at + end]);
                from = at + end;
            }
            None if open < OPEN => {
                groups.push(&text[at..]);
                open += 1;
                from = at + 1;
                // What begins like JSON and is cut off has no parts that could be meant instead of it.
                if super::partial::repaired(&text[at..]).is_some() {
                    break;
                }
            }
            None => break,
        }
    }
    groups
}

/// Where the bracket that the text begins with is closed.
fn closed(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}
