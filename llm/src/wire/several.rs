//! Events whose data is not one JSON value.
//!
//! Proxies put the field `data:` before data that has it, or leave out the empty line between two events, so that the
//! data of both are one, or put one between the name of an event and its data. Some servers send words instead of comments
//! to keep a connection open.

use super::{Fault, Flow, ReadStream};
use crate::{MessageChunk, Usage};
use serde_json::{Deserializer, value::RawValue};

/// A reader that takes the data of an event apart for another one, which cannot read it as it is.
#[derive(Debug)]
pub(crate) struct Several<R> {
    reader: R,
    /// The name of an event whose data may be the next event.
    name: Option<String>,
}

impl<R: ReadStream> Several<R> {
    pub(crate) fn new(reader: R) -> Self {
        Several { reader, name: None }
    }
}

impl<R: ReadStream> ReadStream for Several<R> {
    fn event(&mut self, name: &str, data: &str, out: &mut Vec<MessageChunk>) -> Result<Flow, Fault> {
        if data.is_empty() && !name.is_empty() {
            self.name = Some(name.to_owned());
            return Ok(Flow::More);
        }
        if let Some(before) = self.name.take() {
            if name.is_empty() {
                return self.event(&before, data, out);
            }
            self.reader.event(&before, "", out)?;
        }
        let read = self.reader.event(name, data, out);
        let Err(Fault::NotJson { .. }) = &read else { return read };
        if is_keep_alive(name, data) {
            return Ok(Flow::More);
        }
        let Some(events) = apart(data) else { return read };
        for event in events {
            if self.reader.event(name, event, out)? == Flow::Done {
                return Ok(Flow::Done);
            }
        }
        Ok(Flow::More)
    }

    fn end(&mut self, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        if let Some(name) = self.name.take() {
            self.reader.event(&name, "", out)?;
        }
        self.reader.end(out)
    }

    fn usage(&self) -> Option<Usage> {
        self.reader.usage()
    }
}

/// Returns the values in the data of an event, or `None` if it is one value, or is not made of values.
#[cold]
fn apart(data: &str) -> Option<Vec<&str>> {
    let mut events = Vec::new();
    let mut rest = data;
    loop {
        rest = rest.trim_start();
        while let Some(value) = rest.strip_prefix("data:") {
            rest = value.trim_start();
        }
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix("[DONE]") {
            events.push(&rest[..6]);
            rest = after;
            continue;
        }
        let mut values = Deserializer::from_str(rest).into_iter::<&RawValue>();
        events.push(values.next()?.ok()?.get());
        rest = &rest[values.byte_offset()..];
    }
    (events.len() > 1 || events.first().is_some_and(|event| event.len() < data.trim().len())).then_some(events)
}

/// Returns whether an event has words that keep a connection open.
#[cold]
fn is_keep_alive(name: &str, data: &str) -> bool {
    let is_known = |text: &str| {
        let word: String = text.chars().filter(char::is_ascii_alphabetic).collect();
        ["ping", "pong", "heartbeat", "keepalive"].iter().any(|known| word.eq_ignore_ascii_case(known))
    };
    is_known(name) || is_known(data) || data.trim_start().starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_apart() {
        for (data, events) in [
            ("data: {\"a\":1}", Some(vec!["{\"a\":1}"])),
            (" data:data: {\"a\":1} ", Some(vec!["{\"a\":1}"])),
            ("{\"a\":1}\n{\"b\":[2]}", Some(vec!["{\"a\":1}", "{\"b\":[2]}"])),
            ("{\"a\":1}data: {\"b\":2}data: [DONE]", Some(vec!["{\"a\":1}", "{\"b\":2}", "[DONE]"])),
            ("{\"a\":1}", None),
            ("{\"a\":1} and more", None),
            ("{\"a\":1}{\"b\":", None),
            ("", None),
        ] {
            assert_eq!(apart(data), events, "{data}");
        }
    }

    #[test]
    fn words_that_keep_a_connection_open_are_known() {
        for (name, data) in
            [("ping", "now"), ("", "ping"), ("", "keep-alive"), ("", ": PROCESSING"), ("", "[heartbeat]")]
        {
            assert!(is_keep_alive(name, data), "{name} {data}");
        }
        assert!(!is_keep_alive("", "upstream error") && !is_keep_alive("error", "{"));
    }
}
