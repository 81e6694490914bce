//! What reads bytes of others, with inputs made of a committed corpus.
#![cfg(all(feature = "providers", feature = "templates"))]

mod harness;
mod targets;

use std::path::Path;

#[test]
fn any_bytes_are_read_or_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    harness::run_all(&targets::TARGETS, &[root.join("fuzz/corpus"), root.join("tests/wire/corpus")]);
}
