//! What langchain-core did, recorded as JSON: where the expected values of these tests come from.

use serde_json::Value;

/// A recording in `recordings/`, without `.json`.
pub(crate) fn recording(name: &str) -> Value {
    let path = format!("{}/tests/conformance/recordings/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
