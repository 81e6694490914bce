//! The bounds of an exchange, and the measure of an answer against them.

use crate::{Message, MessageChunk, Part, Reasoning, wire::sse::size};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};

/// The bounds of an exchange with a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The longest time from the request to the head of the response.
    pub(super) first_byte: Duration,
    /// The longest time between two packets of the body.
    pub(super) idle: Duration,
    /// The most bytes of an event.
    pub(super) event: usize,
    /// The most bytes of a streamed answer, which is never in memory as a whole.
    pub(super) stream: usize,
    /// The most bytes of an answer that is read as a whole.
    pub(super) whole: usize,
    /// The most bytes of the texts, arguments and other parts in an answer.
    pub(super) content: usize,
    /// The most tool calls in an answer.
    pub(super) calls: usize,
    /// The most values in the JSON of an event or an answer.
    pub(super) values: usize,
    /// The most bytes that are read of an error.
    pub(super) error_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            // A whole answer begins when it is complete, which takes minutes for long reasoning.
            first_byte: Duration::from_mins(15),
            idle: Duration::from_mins(5),
            event: crate::wire::sse::EVENT_LIMIT,
            stream: 256 << 20,
            whole: 16 << 20,
            content: 16 << 20,
            calls: 16_384,
            values: 250_000,
            error_body: 64 << 10,
        }
    }
}

impl Limits {
    /// Checks the number of values in JSON before it is read, because each takes many times its bytes in memory.
    /// Returns the bound that is exceeded.
    pub(super) fn check_values(&self, json: &str) -> Result<(), String> {
        // A value has at least one byte, and one between it and the next.
        if json.len() / 2 <= self.values {
            return Ok(());
        }
        let (mut count, mut is_text, mut is_escaped) = (1_usize, false, false);
        for byte in json.bytes() {
            if is_text {
                is_text = is_escaped || byte != b'"';
                is_escaped = !is_escaped && byte == b'\\';
            } else if byte == b'"' {
                is_text = true;
            } else if matches!(byte, b',' | b'[' | b'{') {
                count += 1;
            }
        }
        if count > self.values { Err(format!("its JSON has more than {} values", self.values)) } else { Ok(()) }
    }

    /// Checks an answer that was read as a whole. Returns the bound that is exceeded.
    pub(super) fn check(&self, message: &Message) -> Result<(), String> {
        let calls = message.tool_calls().len();
        if calls > self.calls { Err(format!("the answer has more than {} tool calls", self.calls)) } else { Ok(()) }
    }
}

/// The size of the content of a streamed answer so far.
#[derive(Default)]
pub(super) struct Content {
    bytes: usize,
    calls: BTreeSet<usize>,
}

/// Returns about how many bytes a value takes in memory.
fn weight(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(weight).sum(),
            Value::Object(fields) => fields.iter().map(|(name, value)| PIECE + name.len() + weight(value)).sum(),
            _ => 0,
        }
}

/// The size of a part or a chunk of a tool call besides its text.
const PIECE: usize = 64;

impl Content {
    /// Adds a chunk. Returns the bound that is exceeded.
    pub(super) fn add(&mut self, chunk: &MessageChunk, limits: &Limits) -> Result<(), String> {
        self.bytes += chunk.text.len();
        self.bytes += match &chunk.part {
            // Pieces of a thought become one part.
            Some(Part::Reasoning(Reasoning { text, state: None })) => text.len(),
            Some(Part::Reasoning(Reasoning { text, state: Some(state) })) => PIECE + text.len() + weight(state.value()),
            Some(Part::Opaque(state)) => PIECE + weight(state.value()),
            Some(Part::Image(image)) => PIECE + image.as_bytes().map_or(0, |(_, bytes)| bytes.len()),
            Some(Part::File(file)) => PIECE + file.as_bytes().map_or(0, <[u8]>::len),
            Some(part) => PIECE + part.content().len(),
            None => 0,
        };
        for piece in &chunk.tool_calls {
            self.bytes += PIECE + piece.arguments.len() + piece.state.as_ref().map_or(0, |state| weight(state.value()));
            self.calls.insert(piece.index);
        }
        if self.calls.len() > limits.calls {
            return Err(format!("the answer has more than {} tool calls", limits.calls));
        }
        if self.bytes > limits.content {
            return Err(format!("the content of the answer has more than {}", size(limits.content)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, size};

    /// Returns the default that the page of bounds has for a method.
    fn page(method: &str) -> Vec<&'static str> {
        let rows = include_str!("../../docs/limits.md").lines().filter(|row| row.contains(&format!("[`{method}`]")));
        rows.map(|row| row.split('|').nth(2).unwrap_or_default().trim()).collect()
    }

    #[test]
    fn the_page_has_the_defaults() {
        let limits = Limits::default();
        assert_eq!(page("response_timeout"), [format!("{} min", limits.first_byte.as_secs() / 60)]);
        assert_eq!(page("idle_timeout"), [format!("{} min", limits.idle.as_secs() / 60)]);
        assert_eq!(page("max_answer_bytes"), [size(limits.whole), size(limits.stream)]);
        assert_eq!(page("max_event_bytes"), [size(limits.event)]);
        assert_eq!(page("max_content_bytes"), [size(limits.content)]);
        assert_eq!(page("max_error_bytes"), [size(limits.error_body)]);
        assert_eq!(page("max_tool_calls"), [limits.calls.to_string()]);
        assert_eq!(page("max_json_values"), [limits.values.to_string()]);
    }

    #[test]
    fn values_are_counted_outside_of_texts() {
        let limits = Limits { values: 4, ..Limits::default() };
        for (json, fits) in [
            (r#"{"a": [1, 2], "b": 3}"#, false),
            (r#"{"a": "[[[,,,{{{", "b": 3}"#, true),
            (r#"{"a": "\"[[[,,,{{{", "b": 3}"#, true),
            ("[0,0,0]", true),
            ("[0,0,0,0,0]", false),
            ("[[[[[]]]]]", false),
        ] {
            assert_eq!(limits.check_values(json).is_ok(), fits, "{json}");
        }
    }
}
