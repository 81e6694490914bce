//! Arbitrary bytes as an answer that should be JSON.
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd llm && cargo +nightly fuzz run json
//! ```
#![no_main]

#[path = "../../tests/suite/fuzzed/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::json_of_a_model(bytes));
