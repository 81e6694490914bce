//! Arbitrary bytes as an answer in the protocol of OpenAI's chat completions: no reader panics, and a cut changes nothing.
//!
//! The streams of the corpus are inputs to start from:
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd llm && mkdir -p fuzz/corpus/openai_chat
//! for case in tests/wire/corpus/openai_chat/*/; do cp "$case"stream.sse "fuzz/corpus/openai_chat/$(basename "$case")"; done
//! cargo +nightly fuzz run openai_chat
//! ```
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catena_llm::__private::read_bytes("openai_chat", bytes));
