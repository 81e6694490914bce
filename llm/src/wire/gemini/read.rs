use super::stream::Reader;
use crate::{
    Message,
    wire::{Fault, ReadStream, parse},
};
use serde_json::Value;

/// Reads a whole answer. It is read as a stream of one event, or of several if it is a list, so that all are read
/// alike.
pub(crate) fn read(body: &str, origin: &str) -> Result<Message, Fault> {
    let body = body.trim_start_matches('\u{feff}').trim();
    if !body.starts_with(['{', '[']) {
        return Err(Fault::NotAnAnswer(parse::<Value>(body)?));
    }
    let mut reader = Reader::new(origin);
    let mut chunks = Vec::new();
    reader.event("", body, &mut chunks)?;
    // A list of events is a stream, which has to say that it is complete.
    if body.starts_with('{') {
        reader.complete();
    }
    reader.end(&mut chunks).map_err(|fault| match fault {
        Fault::Empty { finish, raw } if raw.is_empty() => without_content(finish, body),
        fault => fault,
    })?;
    Ok(chunks.into_iter().collect())
}

/// Returns the reason that JSON without a finish reason has no content.
fn without_content(finish: Option<crate::FinishReason>, body: &str) -> Fault {
    match parse::<Value>(body) {
        Ok(value) if value == Value::Object(serde_json::Map::new()) => Fault::NotAnAnswer(value),
        _ => Fault::Empty { finish, raw: body.to_owned() },
    }
}
