//! Arbitrary bytes as a configuration of a client.
//!
//! ```sh
//! cargo install cargo-fuzz
//! cd llm && cargo +nightly fuzz run config
//! ```
#![no_main]

#[path = "../../tests/suite/fuzzed/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::config(bytes));
