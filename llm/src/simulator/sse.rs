//! Server-sent events as bytes.

use serde_json::Value;

/// One write of a streamed answer, in most cases one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) bytes: Vec<u8>,
    pub(super) part: Part,
}

/// The role of a frame for faults that occur after some chunks of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Neither of the others: it opens the stream, keeps it alive, or separates blocks.
    Plain,
    /// A chunk of content, which is counted.
    Content,
    /// A chunk of content that also ends the stream.
    Last,
    /// A mark that the stream is complete. A stream that is cut off ends before the first one.
    Closing,
}

impl Frame {
    pub(super) fn raw(part: Part, bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), part }
    }

    /// Creates an event without a name.
    pub(super) fn data(part: Part, value: &Value) -> Self {
        Self::raw(part, format!("data: {value}\n\n"))
    }

    /// Creates an event without a name, with line breaks of CR LF.
    pub(super) fn data_crlf(part: Part, value: &Value) -> Self {
        Self::raw(part, format!("data: {value}\r\n\r\n"))
    }

    /// Creates an event with a name.
    pub(super) fn event(part: Part, name: &str, value: &Value) -> Self {
        Self::raw(part, format!("event: {name}\ndata: {value}\n\n"))
    }
}

/// Returns the number of frames that a stream keeps if it is cut off after `chunks` chunks of content.
pub(super) fn cut_at(frames: &[Frame], chunks: usize) -> usize {
    let mut seen = 0;
    let end = frames.iter().position(|frame| match frame.part {
        Part::Plain => false,
        Part::Last | Part::Closing => true,
        Part::Content if seen == chunks => true,
        Part::Content => {
            seen += 1;
            false
        }
    });
    end.unwrap_or(frames.len())
}

/// Returns the bytes, split within every multi-byte character.
pub(super) fn torn(bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        // The first byte of a multi-byte character ends a piece; the rest of the character begins the next one.
        if *byte >= 0b1100_0000 {
            pieces.push(&bytes[start..=at]);
            start = at + 1;
        }
    }
    pieces.push(&bytes[start..]);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Frame, Part, cut_at, torn};

    #[test]
    fn every_wide_character_is_torn_and_nothing_else() {
        let pieces = torn("aé😀b".as_bytes());
        assert_eq!(pieces, [b"a\xc3".as_slice(), b"\xa9\xf0", b"\x9f\x98\x80b"]);
        assert_eq!(torn(b"plain"), [b"plain"]);
    }

    #[test]
    fn a_cut_never_reaches_the_end_of_the_stream() {
        let parts = [Part::Plain, Part::Content, Part::Content, Part::Plain, Part::Closing];
        let frames = parts.map(|part| Frame::raw(part, "x"));
        assert_eq!([0, 1, 2, 9].map(|chunks| cut_at(&frames, chunks)), [1, 2, 4, 4]);
    }
}
