use super::{Dialect, Reader};
use crate::{
    Message, MessageAssembler, ToolDefinition, Usage,
    wire::{Fault, ReadStream, Target, lenient},
};
use catena::Assemble;
use serde_json::Value;

/// Reads a whole answer. The tokens are returned beside a fault too, if the server reported them.
pub(crate) fn read(
    body: &str,
    target: &Target<'_>,
    tools: &[ToolDefinition],
) -> Result<Message, (Fault, Option<Usage>)> {
    let mut reader = Reader::new(target, &Dialect::default(), tools);
    let mut chunks = Vec::new();
    let read = reader.event("", body, &mut chunks).and_then(|_| reader.end_whole(&mut chunks));
    if let Err(fault) = read {
        return Err((whole(fault, body), reader.usage()));
    }
    let mut message = MessageAssembler::default();
    chunks.into_iter().for_each(|chunk| message.push(chunk));
    message.finish().map_err(|error| (Fault::NotJson { text: body.to_owned(), why: error.to_string() }, reader.usage()))
}

/// Returns the fault of a whole body: what has no answer in it is no empty answer.
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
