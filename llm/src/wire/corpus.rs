//! The streams of the corpus in `tests/wire`, cut at every byte.

use super::bytes::{read_packets as read, read_whole};
use proptest::prelude::*;
use std::{fs, path::Path};

/// Returns the streams of the corpus, with their protocol and their name.
fn streams() -> Vec<(String, String, Vec<u8>)> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/corpus");
    let folders = |within: &Path| fs::read_dir(within).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let mut streams = Vec::new();
    for protocol in folders(&corpus) {
        for case in folders(&protocol) {
            if let Ok(stream) = fs::read(case.join("stream.sse")) {
                streams.push((name(&protocol), name(&case), stream));
            }
        }
    }
    streams
}

const PROTOCOLS: [&str; 4] = ["openai_chat", "openai_responses", "anthropic", "gemini"];

/// A change of bytes: where, how many are left out, and what comes in their place.
type Change = (prop::sample::Index, usize, Vec<u8>);

fn change() -> impl Strategy<Value = Change> {
    const PIECES: &[&str] =
        &["null", "\"\"", "{}", "[]", "-1", "1e999", "\"", "{", "}", ",", "\n\n", "\r", "\\u", "data: ", "error"];
    let inserted = prop_oneof![
        prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    (any::<prop::sample::Index>(), 0..40_usize, inserted)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_bytes_make_a_reader_panic(which in any::<prop::sample::Index>(), changes in prop::collection::vec(change(), 1..6)) {
        static STREAMS: std::sync::LazyLock<Vec<(String, String, Vec<u8>)>> = std::sync::LazyLock::new(streams);
        let mut bytes = STREAMS[which.index(STREAMS.len())].2.clone();
        for (at, left_out, inserted) in changes {
            let at = at.index(bytes.len() + 1);
            let end = (at + left_out).min(bytes.len());
            bytes.splice(at..end, inserted);
        }
        for protocol in PROTOCOLS {
            let _ = read(protocol, [bytes.as_slice()]);
            let text = String::from_utf8_lossy(&bytes);
            let _ = text.lines().find_map(|line| read_whole(protocol, line.trim_start_matches("data:")).ok());
        }
    }
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    let streams = streams();
    assert!(streams.len() > 50);
    for (protocol, name, stream) in &streams {
        let whole = read(protocol, [stream.as_slice()]);
        assert_eq!(read(protocol, stream.chunks(1)), whole, "{name} byte by byte");
        // Longer streams have more of the same.
        let step = if stream.len() > 2000 { 3 } else { 1 };
        for at in (0..stream.len()).step_by(step) {
            let (first, second) = stream.split_at(at);
            assert_eq!(read(protocol, [first, second]), whole, "{name} cut at {at}");
        }
    }
}

#[test]
fn no_beginning_of_a_stream_is_an_answer_that_differs() {
    for (protocol, name, stream) in &streams() {
        // Gemini may send more after a finish reason, so that only the end of the body is the end of the answer.
        if name == "two-stops" {
            continue;
        }
        let Ok(whole) = read(protocol, [stream.as_slice()]) else { continue };
        let step = if stream.len() > 1000 { 3 } else { 1 };
        for at in (0..stream.len()).step_by(step) {
            // The tokens may come after the answer.
            if let Ok(beginning) = read(protocol, [&stream[..at]]) {
                let is_same = beginning.text() == whole.text() && beginning.tool_calls() == whole.tool_calls();
                assert!(is_same, "{name} is read up to {at}: {beginning:?}");
            }
        }
    }
}

/// Depth alone is no reason for a reader to overflow its stack, which is as small as that of a test's thread.
#[test]
fn deep_bodies_are_read_or_refused() {
    let nested = |open: &str, core: &str, close: &str| format!("{}{core}{}", open.repeat(126), close.repeat(126));
    let bodies = [
        nested("{\"response\":", "{}", "}"),
        nested("{\"error\":", "{}", "}"),
        nested("{\"a\":", "null", "}"),
        nested("[", "", "]"),
        nested("[", "{\"choices\":[]}", "]"),
        format!("{{\"choices\":[{{\"delta\":{{\"content\":{}}}}}]}}", "[".repeat(100) + &"]".repeat(100)),
        format!(
            "{{\"candidates\":[{{\"content\":{{\"parts\":[{{\"x\":{}1{}}}]}}}}]}}",
            "{\"y\":".repeat(100),
            "}".repeat(100)
        ),
        format!("{{\"output\":[{{\"type\":\"x\",\"y\":{}1{}}}]}}", "[".repeat(100), "]".repeat(100)),
        format!("{{\"type\":\"content_block_start\",\"content_block\":{}1{}}}", "{\"z\":".repeat(110), "}".repeat(110)),
        "[".repeat(100_000),
        "{\"response\":".repeat(100_000),
    ];
    for protocol in PROTOCOLS {
        for body in &bodies {
            let _ = read_whole(protocol, body);
            let _ = read(protocol, [format!("data: {body}\n\n").as_bytes()]);
        }
    }
}
