//! Characters whose halves are in two events.
//!
//! Servers that count text in UTF-16 may cut a stream within a surrogate pair: one event ends in `\ud83d`, and the next
//! one begins with `\ude00`. Each half alone is replaced by U+FFFD; together they are a character.

use super::{Fault, Flow, ReadStream};
use crate::{MessageChunk, Usage};
use std::ops::Range;

/// The length of an escape such as `\ud83d`.
const ESCAPE: usize = 6;

/// A reader that joins the halves of characters for another one. An event that ends in a half waits for the next event.
#[derive(Debug)]
pub(crate) struct Halves<R> {
    reader: R,
    /// The event that ends in a half, with its name and the place after the half.
    held: Option<(String, String, usize)>,
}

impl<R: ReadStream> Halves<R> {
    pub(crate) fn new(reader: R) -> Self {
        Halves { reader, held: None }
    }

    /// Reads an event after one that was held.
    #[cold]
    fn after(
        &mut self,
        (held_name, mut held, end): (String, String, usize),
        name: &str,
        data: &str,
        out: &mut Vec<MessageChunk>,
    ) -> Result<Flow, Fault> {
        let mut rest = None;
        if let Some(half) = first_half_of_a_text(data) {
            held.insert_str(end, &data[half.clone()]);
            rest = Some([&data[..half.start], &data[half.end..]].concat());
        }
        match self.reader.event(&held_name, &held, out)? {
            Flow::More => self.event(name, rest.as_deref().unwrap_or(data), out),
            Flow::Done => Ok(Flow::Done),
        }
    }
}

impl<R: ReadStream> ReadStream for Halves<R> {
    fn event(&mut self, name: &str, data: &str, out: &mut Vec<MessageChunk>) -> Result<Flow, Fault> {
        if let Some(held) = self.held.take() {
            return self.after(held, name, data, out);
        }
        if has_escapes(data)
            && let Some(end) = last_half_of_a_text(data)
        {
            self.held = Some((name.to_owned(), data.to_owned(), end));
            return Ok(Flow::More);
        }
        self.reader.event(name, data, out)
    }

    fn end(&mut self, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        if let Some((name, held, _)) = self.held.take() {
            self.reader.event(&name, &held, out)?;
        }
        self.reader.end(out)
    }

    fn usage(&self) -> Option<Usage> {
        self.reader.usage()
    }
}

/// Returns whether a text has escapes by number. Most events have none.
fn has_escapes(data: &str) -> bool {
    let bytes = data.as_bytes();
    memchr::memchr_iter(b'\\', bytes).any(|at| bytes.get(at + 1) == Some(&b'u'))
}

/// Returns the place after the last first half that stands at the end of a text.
fn last_half_of_a_text(data: &str) -> Option<usize> {
    let halves = lone_halves(data).filter(|(place, is_first)| *is_first && data[place.end..].starts_with('"'));
    halves.last().map(|(place, _)| place.end)
}

/// Returns the place of the first second half that stands at the beginning of a text.
fn first_half_of_a_text(data: &str) -> Option<Range<usize>> {
    let mut halves = lone_halves(data).filter(|(place, is_first)| !is_first && data[..place.start].ends_with('"'));
    halves.next().map(|(place, _)| place)
}

/// Returns the places of surrogates that are not in a pair, and whether each is a first half.
fn lone_halves(json: &str) -> impl Iterator<Item = (Range<usize>, bool)> {
    let code = |at: usize| u16::from_str_radix(json.get(at..at + ESCAPE)?.strip_prefix("\\u")?, 16).ok();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += memchr::memchr(b'\\', json.as_bytes().get(at..)?)?;
            let place = at..at + ESCAPE;
            match (code(at), code(at + ESCAPE)) {
                (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 2 * ESCAPE,
                (Some(code @ 0xD800..=0xDFFF), _) => {
                    at += ESCAPE;
                    return Some((place, code < 0xDC00));
                }
                (Some(_), _) => at += ESCAPE,
                // The escaped character may be a backslash.
                (None, _) => at += 2,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{bytes::read_packets, openai_chat};

    fn streamed(events: &[&str]) -> String {
        let mut reader = Halves::new(openai_chat::Reader::new("origin", false));
        let mut out = Vec::new();
        for event in events {
            reader.event("", event, &mut out).unwrap();
        }
        reader.event("", "[DONE]", &mut out).unwrap();
        reader.end(&mut out).unwrap();
        out.into_iter().collect::<crate::Message>().text().to_owned()
    }

    fn said(text: &str) -> String {
        format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#)
    }

    #[test]
    fn halves_in_neighbouring_events_are_one_character() {
        let texts = |texts: &[&str]| {
            let events: Vec<String> = texts.iter().map(|text| said(text)).collect();
            streamed(&events.iter().map(String::as_str).collect::<Vec<_>>())
        };
        assert_eq!(texts(&["a\\ud83d", "\\ude00b"]), "a😀b");
        assert_eq!(texts(&["\\uD83D", "\\uDE00\\ud83d", "\\ude01"]), "😀😁");
        // Those that have no other half are replaced.
        assert_eq!(texts(&["a\\ud83d", "b"]), "a\u{fffd}b");
        assert_eq!(texts(&["a\\ud83d"]), "a\u{fffd}");
        assert_eq!(texts(&["a", "\\ude00b"]), "a\u{fffd}b");
        assert_eq!(texts(&["\\ud83d", "\\ud83d", "\\ude00"]), "\u{fffd}😀");
        assert_eq!(texts(&["\\ud83d \\ud83d", "\\ude00"]), "\u{fffd} 😀");
        // An escaped backslash begins no escape.
        assert_eq!(texts(&["\\\\ud83d", "\\\\ude00"]), "\\ud83d\\ude00");
        assert_eq!(texts(&["\\u00e9", "\\n\\u00e9"]), "é\né");
    }

    #[test]
    fn a_half_in_the_last_event_is_not_lost() {
        let body =
            format!("data: {}\n\n", said("a\\ud83d").replace("\"delta\"", "\"finish_reason\":\"stop\",\"delta\""));
        let message = read_packets("openai_chat", [body.as_bytes()]).unwrap();
        assert_eq!(message.text(), "a\u{fffd}");
    }
}
