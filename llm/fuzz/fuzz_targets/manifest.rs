//! Arbitrary bytes as the file of a manifest.
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd llm && cargo +nightly fuzz run manifest
//! ```
#![no_main]

#[path = "../../tests/suite/fuzzed/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::manifest(bytes));
