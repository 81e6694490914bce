//! Arbitrary bytes as an answer in the protocol of Anthropic's messages: no reader panics, and a cut changes nothing.
//!
//! The streams of the corpus are inputs to start from:
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd llm && mkdir -p fuzz/corpus/anthropic
//! for case in tests/wire/corpus/anthropic/*/; do cp "$case"stream.sse "fuzz/corpus/anthropic/$(basename "$case")"; done
//! cargo +nightly fuzz run anthropic
//! ```
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catena_llm::__private::read_bytes("anthropic", bytes));
