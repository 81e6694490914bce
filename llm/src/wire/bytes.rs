use super::{
    Fault, Flow, ReadStream, anthropic, gemini, halves::Halves, openai_chat, openai_responses, several::Several,
    sse::Decoder,
};
use crate::Message;

const ORIGIN: &str = "origin";

/// Reads arbitrary bytes as an answer in a protocol, whole and streamed; for the fuzz targets.
///
/// # Panics
/// If a reader panics, or if the stream is read in another way when it comes in two packets.
pub fn read_bytes(protocol: &str, bytes: &[u8]) {
    let _ = read_whole(protocol, &String::from_utf8_lossy(bytes));
    let (first, second) = bytes.split_at(bytes.len() / 2);
    assert_eq!(read_packets(protocol, [bytes]), read_packets(protocol, [first, second]));
}

fn reader(protocol: &str) -> Box<dyn ReadStream> {
    match protocol {
        "anthropic" => Box::new(Halves::new(Several::new(anthropic::Reader::new(ORIGIN)))),
        "gemini" => Box::new(Halves::new(Several::new(gemini::Reader::new(ORIGIN)))),
        "openai_responses" => Box::new(Halves::new(Several::new(openai_responses::Reader::new(ORIGIN)))),
        _ => Box::new(Halves::new(Several::new(openai_chat::Reader::new(ORIGIN, false)))),
    }
}

/// Reads a whole answer.
pub(super) fn read_whole(protocol: &str, body: &str) -> Result<Message, Fault> {
    match protocol {
        "anthropic" => anthropic::read(body, ORIGIN),
        "gemini" => gemini::read(body, ORIGIN),
        "openai_responses" => openai_responses::read(body, ORIGIN),
        _ => openai_chat::read(body, ORIGIN),
    }
}

/// Reads a stream that comes in these packets.
pub(super) fn read_packets<'a>(protocol: &str, packets: impl IntoIterator<Item = &'a [u8]>) -> Result<Message, Fault> {
    let mut decoder = Decoder::new(1 << 20);
    let (mut reader, mut chunks) = (reader(protocol), Vec::new());
    let mut is_done = false;
    'body: for mut packet in packets {
        while let Some(event) = decoder.next(&mut packet)? {
            if reader.event(&event.name, &event.data, &mut chunks)? == Flow::Done {
                is_done = true;
                break 'body;
            }
        }
    }
    if !is_done && let Some(event) = decoder.end() {
        reader.event(&event.name, &event.data, &mut chunks)?;
    }
    reader.end(&mut chunks)?;
    Ok(chunks.into_iter().collect())
}
