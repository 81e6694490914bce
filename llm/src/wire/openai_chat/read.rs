use super::Reader;
use crate::{
    Message,
    wire::{Fault, ReadStream, lenient},
};
use serde_json::Value;

/// Reads a whole answer. It is read as a stream of one event, so that both are read alike.
pub(crate) fn read(body: &str, origin: &str) -> Result<Message, Fault> {
    let mut reader = Reader::new(origin, false);
    let mut chunks = Vec::new();
    let read = reader.event("", body, &mut chunks).and_then(|_| reader.end_whole(&mut chunks));
    read.map_err(|fault| whole(fault, body))?;
    Ok(chunks.into_iter().collect())
}

/// Returns the fault of a whole body: a body without a choice is no empty answer.
#[cold]
fn whole(fault: Fault, body: &str) -> Fault {
    match fault {
        Fault::Empty { finish, raw: _ } => {
            let value: Value = lenient::parse(body).unwrap_or_default();
            let has_answer = value.pointer("/choices/0").is_some_and(Value::is_object);
            if has_answer { Fault::Empty { finish, raw: body.to_owned() } } else { Fault::NotAnAnswer(value) }
        }
        fault => fault,
    }
}
