use super::{
    event::{Kind, Start},
    stream::Reader,
};
use crate::{
    Message,
    wire::{Fault, ReadStream, lenient::says_something, parse},
};
use serde_json::Value;

/// Reads a whole answer. It is read as a stream of one event, so that both are read alike.
pub(crate) fn read(body: &str, origin: &str) -> Result<Message, Fault> {
    let body = body.trim_start_matches('\u{feff}').trim();
    if !body.starts_with('{') {
        let value: Value = parse(body)?;
        let is_error = value.as_array().is_some_and(|list| list.iter().any(|one| one.get("error").is_some()));
        return Err(if is_error { Fault::Reported(value) } else { Fault::NotAnAnswer(value) });
    }
    let start: Start = parse(body)?;
    if start.kind == Kind::Error || start.error.as_ref().is_some_and(says_something) {
        return Err(Fault::Reported(parse(body)?));
    }
    let has_content = start.content.as_ref().is_some_and(|content| !content.is_null());
    if !has_content && start.kind != Kind::Message && start.stop_reason.is_none() {
        let value: Value = parse(body)?;
        return Err(if value["object"] == "error" { Fault::Reported(value) } else { Fault::NotAnAnswer(value) });
    }
    let mut reader = Reader::new(origin);
    let mut chunks = Vec::new();
    reader.start(start, body, &mut chunks);
    reader.complete();
    reader.end(&mut chunks)?;
    Ok(chunks.into_iter().collect())
}
