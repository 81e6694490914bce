//! What langchain-core did, recorded as JSON: where the expected values of the conformance tests come from.

use serde_json::Value;
use std::{fs, path::PathBuf};

/// A recording by its file's name, without `.json`.
///
/// # Panics
/// Where there is none.
pub fn recording(name: &str) -> Value {
    let path = in_workspace(&format!("tests/tests/suite/conformance/recordings/{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the table of differences in `runtime/docs/langchain.md`, by their first cell.
///
/// # Panics
/// Where there is no table.
pub fn differences() -> Vec<String> {
    let page = fs::read_to_string(in_workspace("runtime/docs/langchain.md")).expect("the page is there");
    let cells = |line: &str| line.strip_prefix("| ")?.split(" | ").next().map(|cell| cell.trim().to_owned());
    let rows: Vec<String> = page.lines().filter(|line| !line.starts_with("| |")).filter_map(cells).collect();
    assert!(rows.len() > 20, "the table was not found");
    rows
}

/// Asserts that there is this test: `router::a_key_chooses` in a file `router.rs`, `conformance/runs::g38_trees` where the
/// file's name alone does not say which is meant.
///
/// # Panics
/// If there is none.
#[track_caller]
pub fn assert_test(test: &str) {
    let (file, name) = test.split_once("::").unwrap_or_else(|| panic!("{test} is no `file::test`"));
    let (ending, function) = (format!("/{file}.rs"), format!("fn {name}()"));
    let found = sources().iter().any(|(path, source)| path.ends_with(&ending) && source.contains(&function));
    assert!(found, "there is no test {test}");
}

/// The sources of all integration tests: the path of each, with `/` between its parts, and what is in it.
///
/// # Panics
/// If one cannot be read.
pub fn sources() -> Vec<(String, String)> {
    let (mut folders, mut sources) = (vec![in_workspace("tests/tests")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of tests can be read") {
            let path = entry.expect("a folder of tests can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).expect("a source can be read");
                sources.push((path.to_string_lossy().replace('\\', "/"), source));
            }
        }
    }
    sources
}

/// A file of the workspace.
pub fn in_workspace(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path)
}
