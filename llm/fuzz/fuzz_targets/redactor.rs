//! Arbitrary text with a secret in it.
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd llm && cargo +nightly fuzz run redactor
//! ```
#![no_main]

#[path = "../../tests/suite/fuzzed/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::redactor(bytes));
