//! Server-sent events, as bytes.

use serde_json::Value;

/// One write of a streamed answer, usually one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) bytes: Vec<u8>,
    pub(super) part: Part,
}

/// What a frame is to the faults that strike after some chunks of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Neither of the others: it opens the stream, keeps it alive, or stands between blocks.
    Plain,
    /// A chunk of content: those are counted.
    Content,
    /// A chunk of content that closes the stream too.
    Last,
    /// From here on the stream says that it is complete: what is cut short ends before.
    Closing,
}

impl Frame {
    pub(super) fn raw(part: Part, bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), part }
    }

    /// An event without a name.
    pub(super) fn data(part: Part, value: &Value) -> Self {
        Self::raw(part, format!("data: {value}\n\n"))
    }

    /// An event without a name, its lines ended by CR LF.
    pub(super) fn data_crlf(part: Part, value: &Value) -> Self {
        Self::raw(part, format!("data: {value}\r\n\r\n"))
    }

    /// An event with a name.
    pub(super) fn event(part: Part, name: &str, value: &Value) -> Self {
        Self::raw(part, format!("event: {name}\ndata: {value}\n\n"))
    }
}

/// Where a stream cut short after `chunks` chunks of content ends: the number of frames it keeps.
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

/// The bytes, cut inside every character of several bytes.
pub(super) fn torn(bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        // A first byte of several: what comes before and this byte go in one piece, the rest of it in the next.
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
