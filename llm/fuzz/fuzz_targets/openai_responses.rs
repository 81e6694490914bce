//! Arbitrary bytes as an answer in the protocol of OpenAI's responses: no reader panics, and a cut changes nothing.
//!
//! The streams of the corpus are inputs to start from:
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd llm && mkdir -p fuzz/corpus/openai_responses
//! for case in tests/wire/corpus/openai_responses/*/; do cp "$case"stream.sse "fuzz/corpus/openai_responses/$(basename "$case")"; done
//! cargo +nightly fuzz run openai_responses
//! ```
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catena_llm::__private::read_bytes("openai_responses", bytes));
