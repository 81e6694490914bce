//! A whole answer, or one whose form is known only when it arrives.

use super::{connection::Connection, error::with_usage, exchange::Exchange, request::Prepared, usage};
use crate::{
    ChatRequest, Message, MessageAssembler,
    wire::{Fault, Flow, lenient, sse::Decoder},
};
use catena::{Assemble, Result};
use serde_json::Value;

/// Asks for a whole answer.
pub(super) async fn ask(connection: &Connection, request: &ChatRequest) -> Result<Message> {
    let Prepared { path, body, names } = connection.prepare(request, false)?;
    let mut exchange = Exchange::begin(connection, &path, body, false).await?;
    let body = exchange.rest(&[]).await?;
    let message = read(connection, &body, exchange.content_type())?;
    connection.limits.check(&message).map_err(|bound| connection.errors.too_large(&bound))?;
    Ok(names.restored(message))
}

/// Reads a body that is in memory.
pub(super) fn read(connection: &Connection, body: &str, content_type: &str) -> Result<Message> {
    let (protocol, origin) = (connection.protocol, &*connection.origin);
    let body = body.trim_start_matches('\u{feff}').trim();
    if body.is_empty() {
        return Err(connection.errors.streamed(Fault::NoEvents { blank: true }));
    }
    let read = if is_stream(body) { events(connection, body) } else { protocol.read(body, origin) };
    let read = match read {
        // Events without the names of their fields.
        Err(Fault::NotJson { .. }) if body.lines().nth(1).is_some_and(|line| line.starts_with('{')) => {
            events(connection, body).or_else(|_| protocol.read(body, origin))
        }
        read => read,
    };
    read.map_err(|fault| {
        let reported = lenient::parse::<Value>(body).ok().as_ref().and_then(usage::from_body);
        with_usage(connection.errors.whole(fault, content_type), reported)
    })
}

/// Returns whether a body is a stream of events.
fn is_stream(body: &str) -> bool {
    ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| body.starts_with(field))
}

/// Reads a body that is a stream of events, though it was not asked for.
fn events(connection: &Connection, body: &str) -> Result<Message, Fault> {
    let mut decoder = Decoder::new(connection.limits.event);
    let mut reader = connection.protocol.reader(&connection.origin);
    let mut chunks = Vec::new();
    let mut packet = body.as_bytes();
    loop {
        let event = match decoder.next(&mut packet)? {
            Some(event) => Some(event),
            None => decoder.end(),
        };
        let Some(event) = event else { break };
        if reader.event(&event.name, &event.data, &mut chunks)? == Flow::Done {
            break;
        }
    }
    reader.end(&mut chunks)?;
    let mut message = MessageAssembler::default();
    for chunk in chunks {
        message.push(chunk);
    }
    message.finish().map_err(|error| Fault::NotJson { text: String::new(), why: error.to_string() })
}
