//! Arbitrary bytes as a template.
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd llm && cargo +nightly fuzz run template
//! ```
#![no_main]

#[path = "../../tests/suite/fuzzed/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::template(bytes));
