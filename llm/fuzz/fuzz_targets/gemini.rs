//! Arbitrary bytes as an answer in the protocol of Gemini's `generateContent`: no reader panics, and a cut changes nothing.
//!
//! The streams of the corpus are inputs to start from:
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd llm && mkdir -p fuzz/corpus/gemini
//! for case in tests/wire/corpus/gemini/*/; do cp "$case"stream.sse "fuzz/corpus/gemini/$(basename "$case")"; done
//! cargo +nightly fuzz run gemini
//! ```
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catena_llm::__private::read_bytes("gemini", bytes));
