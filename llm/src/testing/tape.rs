//! The file of a cassette.

use crate::MessageChunk;
use catena::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{fs, io, path::Path};

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tape {
    version: u32,
    exchanges: Vec<Exchange>,
}

impl Default for Tape {
    fn default() -> Self {
        Tape { version: VERSION, exchanges: Vec::new() }
    }
}

/// A request, and the chunks of its answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Exchange {
    request: Value,
    answer: Vec<MessageChunk>,
    #[serde(skip)]
    played: bool,
}

impl Exchange {
    pub(super) fn new(request: Value, answer: Vec<MessageChunk>) -> Self {
        // A new recording is replayed after the existing ones.
        Exchange { request, answer, played: true }
    }
}

impl Tape {
    /// Reads the tape; `None` if there is no such file.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        let wrong =
            |message: String| Error::new(ErrorKind::BadInput, format!("the cassette {} {message}", path.display()));
        let json = match fs::read_to_string(path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(format!("cannot be read: {error}")).with_source(error)),
        };
        let tape: Tape = serde_json::from_str(&json)
            .map_err(|error| wrong(format!("cannot be read: {error}")).with_source(error))?;
        if tape.version != VERSION {
            return Err(wrong(format!("is of version {}, and this program knows {VERSION}", tape.version)));
        }
        Ok(Some(tape))
    }

    /// Writes the tape atomically: to a temporary file beside it, which is then renamed.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self)? + "\n";
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let written = folder.map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&beside, json));
        written.and_then(|()| fs::rename(&beside, path)).map_err(|error| {
            let message = format!("the cassette {} cannot be written: {error}", path.display());
            Error::new(ErrorKind::BadInput, message).with_source(error)
        })
    }

    pub(super) fn add(&mut self, exchange: Exchange) {
        self.exchanges.push(exchange);
    }

    /// Returns the next answer to a request, or the differences to the most similar request.
    pub(super) fn play(&mut self, asked: &Value) -> std::result::Result<Vec<MessageChunk>, String> {
        let fits = |exchange: &Exchange| exchange.request == *asked;
        let next = self.exchanges.iter().position(|exchange| !exchange.played && fits(exchange));
        let at = next.or_else(|| self.exchanges.iter().rposition(fits));
        match at.and_then(|at| self.exchanges.get_mut(at)) {
            Some(exchange) => {
                exchange.played = true;
                Ok(exchange.answer.clone())
            }
            None => Err(self.nearest(asked)),
        }
    }

    #[cold]
    fn nearest(&self, asked: &Value) -> String {
        let differing = |exchange: &Exchange| {
            let mut found = Vec::new();
            differences(&mut String::new(), &exchange.request, asked, &mut found);
            found
        };
        let Some(nearest) = self.exchanges.iter().map(differing).min_by_key(Vec::len) else {
            return "it is empty".to_owned();
        };
        let more = nearest.len().saturating_sub(SHOWN);
        let shown = nearest.into_iter().take(SHOWN).collect::<Vec<_>>().join("; ");
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        format!("the nearest differs in {shown}{more}")
    }
}

/// The maximum number of differences in a message.
const SHOWN: usize = 3;

/// Collects the differences of two requests, each with its path.
fn differences(place: &mut String, recorded: &Value, asked: &Value, found: &mut Vec<String>) {
    let length = place.len();
    match (recorded, asked) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            for key in keys {
                place.extend(["/", key]);
                compare(place, a.get(key), b.get(key), found);
                place.truncate(length);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for at in 0..a.len().max(b.len()) {
                place.extend(["/", &at.to_string()]);
                compare(place, a.get(at), b.get(at), found);
                place.truncate(length);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{place}: {} recorded, {} asked", short(a), short(b))),
    }
}

fn compare(place: &mut String, recorded: Option<&Value>, asked: Option<&Value>, found: &mut Vec<String>) {
    match (recorded, asked) {
        (Some(a), Some(b)) => differences(place, a, b, found),
        (Some(a), None) => found.push(format!("{place}: {} recorded, nothing asked", short(a))),
        (None, Some(b)) => found.push(format!("{place}: nothing recorded, {} asked", short(b))),
        (None, None) => {}
    }
}

fn short(value: &Value) -> String {
    const SHOWN: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
