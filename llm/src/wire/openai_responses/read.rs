use super::{
    event::{Answer, Extra},
    stream::Reader,
};
use crate::{
    Message,
    wire::{
        Fault, ReadStream,
        lenient::{self, says_something},
        parse,
    },
};
use serde_json::Value;

/// Reads a whole answer. It is read as the last event of a stream, so that both are read alike.
pub(crate) fn read(body: &str, origin: &str) -> Result<Message, Fault> {
    let body = body.trim_start_matches('\u{feff}').trim();
    if !body.starts_with('{') {
        let value: Value = parse(body)?;
        let is_list_of_errors = value.as_array().is_some_and(|list| list.iter().any(|one| one.get("error").is_some()));
        return Err(if is_list_of_errors { Fault::Reported(value) } else { Fault::NotAnAnswer(value) });
    }
    let answer: Answer = parse(body)?;
    let is_reported = answer.error.as_ref().is_some_and(says_something);
    let is_answer = answer.output.is_some() || answer.output_text.is_some() || answer.has_known_status();
    if is_reported || !is_answer {
        let extra: Extra = lenient::parse(body).unwrap_or_default();
        let is_error = is_reported || extra.object.as_deref() == Some("error");
        let value: Value = parse(body)?;
        let is_error = is_error || value["type"] == "error";
        return Err(if is_error { Fault::Reported(value) } else { Fault::NotAnAnswer(value) });
    }
    let mut reader = Reader::new(origin);
    let mut chunks = Vec::new();
    reader.complete(answer, body, &mut chunks)?;
    reader.end(&mut chunks)?;
    Ok(chunks.into_iter().collect())
}
