//! A decoder of server-sent events.
//!
//! It is written here because no crate does all that providers need. `eventsource-stream` 0.2 and `sse-stream` 0.2 end
//! at broken UTF-8, and neither bounds an event. The first copies what is buffered once per line, and parses an
//! incomplete line again with each packet. The second refuses an event with two `event:` lines.

use super::Fault;
use memchr::memchr2;

/// The default bound on the size of an event.
pub(crate) const EVENT_LIMIT: usize = 16 << 20;

/// The number of bytes that are kept of a body that has no event.
const KEPT_STRAY: usize = 4096;

/// A decoder of the events in a body, which arrives in packets.
///
/// A line ends by LF, CR, or CR LF. A packet may end anywhere. Each byte is copied at most twice and searched once.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are facts about the body that are independent")]
pub(crate) struct Decoder {
    limit: usize,
    /// The beginning of a line that continues in the next packet.
    line: Vec<u8>,
    /// `true` if the last packet's last line ended by CR, so that a following LF belongs to it.
    after_cr: bool,
    is_first_line: bool,
    /// The fields of the event so far.
    name: String,
    data: Vec<u8>,
    id: String,
    has_data: bool,
    /// `true` if the lines of the event are JSON without a field.
    is_bare: bool,
    event: Event,
    is_given: bool,
    /// The beginning of the lines that are no fields.
    stray: Vec<u8>,
    /// `true` if the body has any byte that is not white space.
    is_blank: bool,
}

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// The `event:` field, or empty.
    pub(crate) name: String,
    /// The `data:` fields, joined by line breaks. Lines of JSON outside of any field count as data, because some
    /// servers write errors so.
    pub(crate) data: String,
    /// The last `id:` field so far, or empty.
    pub(crate) id: String,
}

impl Decoder {
    /// Creates a decoder that fails at an event of more than `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Decoder {
            limit,
            line: Vec::new(),
            after_cr: false,
            is_first_line: true,
            name: String::new(),
            data: Vec::new(),
            id: String::new(),
            has_data: false,
            is_bare: false,
            event: Event::default(),
            is_given: false,
            stray: Vec::new(),
            is_blank: true,
        }
    }

    /// Decodes the packet up to the end of the next event, and removes what was decoded from `packet`. Returns `None`
    /// if the event continues in the next packet.
    pub(crate) fn next(&mut self, packet: &mut &[u8]) -> Result<Option<&Event>, Fault> {
        self.recycle();
        if self.after_cr && !packet.is_empty() {
            self.after_cr = false;
            *packet = packet.strip_prefix(b"\n").unwrap_or(packet);
        }
        while let Some(end) = memchr2(b'\n', b'\r', packet) {
            let (line, rest) = packet.split_at(end);
            *packet = match rest {
                [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
                [] => rest,
            };
            self.after_cr = rest == b"\r";
            self.check(line.len())?;
            let is_end = if self.line.is_empty() {
                self.take_line(line)
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                let is_end = self.take_line(&whole);
                whole.clear();
                self.line = whole;
                is_end
            };
            if is_end && self.give() {
                return Ok(Some(&self.event));
            }
        }
        self.check(packet.len())?;
        self.line.extend_from_slice(packet);
        *packet = &[];
        Ok(None)
    }

    /// Returns the last event, if the body ended without the empty line after it.
    pub(crate) fn end(&mut self) -> Option<&Event> {
        self.recycle();
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&line);
        }
        self.give().then_some(&self.event)
    }

    /// Returns the beginning of the text outside of events.
    pub(crate) fn stray(&self) -> String {
        String::from_utf8_lossy(&self.stray).into_owned()
    }

    /// Returns whether the body has nothing but white space so far.
    pub(crate) fn is_blank(&self) -> bool {
        self.is_blank && self.line.trim_ascii().is_empty()
    }

    fn check(&self, added: usize) -> Result<(), Fault> {
        if self.data.len() + self.line.len() + added > self.limit {
            return Err(Fault::TooLarge { bound: format!("one event has more than {}", size(self.limit)) });
        }
        Ok(())
    }

    /// Reads a line without its end. Returns whether it is the empty line that ends an event.
    fn take_line(&mut self, mut line: &[u8]) -> bool {
        if std::mem::replace(&mut self.is_first_line, false) {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            return true;
        }
        if self.is_blank {
            self.is_blank = line.trim_ascii().is_empty();
        }
        // The colon of a field that is known has a place that is known.
        match line {
            [b'd', b'a', b't', b'a', b':', value @ ..] => self.take_data(unspaced(value)),
            [b'e', b'v', b'e', b'n', b't', b':', value @ ..] => text_into(&mut self.name, unspaced(value)),
            [b'i', b'd', b':', value @ ..] => text_into(&mut self.id, unspaced(value)),
            b"data" => self.take_data(b""),
            // llama.cpp's form of an error in a stream.
            [b'e', b'r', b'r', b'o', b'r', b':', value @ ..] => {
                "error".clone_into(&mut self.name);
                self.take_data(unspaced(value));
            }
            // Comments, and times to wait before the request is repeated, which it is not.
            [b':', ..] | [b'r', b'e', b't', b'r', b'y', b':', ..] | b"event" | b"id" | b"retry" => {}
            line => self.take_stray(line),
        }
        false
    }

    fn take_data(&mut self, value: &[u8]) {
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
    }

    #[cold]
    fn take_stray(&mut self, line: &[u8]) {
        let rest = KEPT_STRAY.saturating_sub(self.stray.len() + 1);
        if !self.stray.is_empty() && rest > 0 {
            self.stray.push(b'\n');
        }
        self.stray.extend_from_slice(line.get(..rest).unwrap_or(line));
        self.is_bare |= !self.has_data && matches!(line.trim_ascii_start(), [b'{' | b'[', ..]);
        if self.is_bare {
            self.take_data(line);
        }
    }

    /// Makes the fields so far the event. Returns `false` if there are none.
    fn give(&mut self) -> bool {
        self.is_bare = false;
        if !std::mem::replace(&mut self.has_data, false) && self.name.is_empty() {
            return false;
        }
        self.event.name = std::mem::take(&mut self.name);
        self.event.id.clone_from(&self.id);
        self.event.data = String::from_utf8(std::mem::take(&mut self.data))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        self.is_given = true;
        true
    }

    /// Takes back the memory of the event that was given.
    fn recycle(&mut self) {
        if std::mem::replace(&mut self.is_given, false) {
            self.data = std::mem::take(&mut self.event.data).into_bytes();
            self.data.clear();
            self.name = std::mem::take(&mut self.event.name);
            self.name.clear();
        }
    }
}

/// Returns the value of a field without the space that may precede it.
fn unspaced(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

fn text_into(text: &mut String, value: &[u8]) {
    text.clear();
    text.push_str(&String::from_utf8_lossy(value));
}

/// Returns a number of bytes in words.
pub(crate) fn size(bytes: usize) -> String {
    match bytes {
        _ if bytes > 0 && bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes > 0 && bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn decode<'a>(packets: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
        let mut decoder = Decoder::new(EVENT_LIMIT);
        let mut events = Vec::new();
        for mut packet in packets {
            while let Some(event) = decoder.next(&mut packet).unwrap() {
                events.push(event.clone());
            }
            assert!(packet.is_empty());
        }
        events.extend(decoder.end().cloned());
        events
    }

    fn event(name: &str, data: &str, id: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned(), id: id.to_owned() }
    }

    /// Decodes the body whole, cut in two at every byte, and in packets of one byte.
    fn cut_anywhere(body: &[u8], expected: &[Event]) {
        assert_eq!(decode([body]), expected, "whole");
        for at in 0..=body.len() {
            let (first, second) = body.split_at(at);
            assert_eq!(decode([first, second]), expected, "cut at {at}");
            assert_eq!(decode([first, b"", second]), expected, "cut at {at}, with an empty packet");
        }
        assert_eq!(decode(body.chunks(1)), expected, "in single bytes");
    }

    #[test]
    fn every_line_end_and_field_is_read_at_every_cut() {
        let body = "\u{feff}: keep-alive\nevent: message_start\nid: 1\ndata: {\"a\":\ndata:1}\nretry: 10\n\n\
                    : x\n\ndata\n\ndata:  two\u{e4}\u{1f600} \nunknown: 3\n\nid: 2\nevent: ping\ndata: last";
        let expected = [
            event("message_start", "{\"a\":\n1}", "1"),
            event("", "", "1"),
            event("", " two\u{e4}\u{1f600} ", "1"),
            event("ping", "last", "2"),
        ];
        for end in ["\n", "\r", "\r\n"] {
            cut_anywhere(body.replace('\n', end).as_bytes(), &expected);
            cut_anywhere((body.replace('\n', end) + end).as_bytes(), &expected);
            cut_anywhere((body.replace('\n', end) + end + end).as_bytes(), &expected);
        }
        cut_anywhere(b"data: a\r\n\rdata: b\n\r\ndata: c\r\r\n\r\n", &["a", "b", "c"].map(|data| event("", data, "")));
    }

    #[test]
    fn the_first_event_is_given_before_the_byte_that_may_follow_a_cr() {
        let mut decoder = Decoder::new(EVENT_LIMIT);
        let mut packet: &[u8] = b"data: a\r\r";
        assert_eq!(decoder.next(&mut packet).unwrap().map(|event| &*event.data), Some("a"));
    }

    #[test]
    fn broken_utf_8_is_replaced_and_a_cut_character_is_not_broken() {
        cut_anywhere(
            b"data: a\xFFb\xE2\x82\n\ndata: \xE2\x82\xAC\n\n",
            &[event("", "a\u{fffd}b\u{fffd}", ""), event("", "\u{20ac}", "")],
        );
    }

    #[test]
    fn json_without_a_field_is_an_event_and_other_text_is_kept() {
        cut_anywhere(
            b"data: 1\n\n{\n  \"error\": \"engine died\"\n}\n\ndata: 2\n\n",
            &[event("", "1", ""), event("", "{\n  \"error\": \"engine died\"\n}", ""), event("", "2", "")],
        );
        let mut decoder = Decoder::new(EVENT_LIMIT);
        let mut packet: &[u8] = b"upstream connect error\nreset";
        assert_eq!(decoder.next(&mut packet), Ok(None));
        assert_eq!(decoder.end(), None);
        assert_eq!((decoder.stray().as_str(), decoder.is_blank()), ("upstream connect error\nreset", false));
    }

    #[test]
    fn an_error_in_a_field_of_its_own_is_an_event() {
        cut_anywhere(
            b"data: 1\n\nerror: {\"code\":500}\n\n",
            &[event("", "1", ""), event("error", "{\"code\":500}", "")],
        );
    }

    #[test]
    fn a_body_of_white_space_is_blank() {
        let mut decoder = Decoder::new(EVENT_LIMIT);
        let mut packet: &[u8] = b"\n \r\n  ";
        assert_eq!(decoder.next(&mut packet), Ok(None));
        assert!(decoder.is_blank());
    }

    #[test]
    fn an_event_above_the_bound_is_an_error_that_names_the_bound() {
        let fault = Err(Fault::TooLarge { bound: "one event has more than 2 KiB".to_owned() });
        for body in ["data: ".to_owned() + &"x".repeat(3000), "data: x\n".repeat(3000), "x".repeat(3000)] {
            let mut decoder = Decoder::new(2048);
            let result = body.as_bytes().chunks(100).try_for_each(|mut packet| {
                while decoder.next(&mut packet)?.is_some() {}
                Ok(())
            });
            assert_eq!(result, fault, "{}", &body[..10]);
        }
        let mut decoder = Decoder::new(2048);
        let body = ("data: ".to_owned() + &"x".repeat(1500) + "\n\n").repeat(10);
        let mut packet = body.as_bytes();
        let mut count = 0;
        while decoder.next(&mut packet).unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 10);
    }

    #[test]
    fn a_large_event_takes_linear_time() {
        let body = "data: ".to_owned() + &"x".repeat(5 << 20) + "\n\n";
        for length in [16 << 10, 1] {
            let start = Instant::now();
            let events = decode(body.as_bytes().chunks(length));
            assert_eq!(events.len(), 1);
            // Quadratic time would be hours for single bytes.
            assert!(start.elapsed() < Duration::from_secs(20), "{length}: {:?}", start.elapsed());
        }
    }
}
