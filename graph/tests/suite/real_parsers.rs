//! The goldens, read by Mermaid's own parser and by Graphviz.
//!
//! Where these are not installed (`npm ci` in `tests/suite/parsers`, and `dot`), the tests say so and pass;
//! `CATENA_REQUIRE_PARSERS=1` makes that a failure.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn goldens(format: &str) -> Vec<PathBuf> {
    // Those of samples, and those of chains that are there.
    let folders = ["tests/suite/goldens", "../tests/tests/suite/macros/graph/goldens"]
        .map(|f| Path::new(env!("CARGO_MANIFEST_DIR")).join(f));
    let entries =
        folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|ext| ext == format)).collect();
    paths.sort();
    assert!(paths.len() > 10, "{paths:?}");
    paths
}

fn skip(why: &str) {
    assert!(std::env::var_os("CATENA_REQUIRE_PARSERS").is_none(), "{why}");
    // Not `eprintln!`, which the test harness keeps to itself when a test passes. It names the thread after the test.
    let thread = std::thread::current();
    writeln!(std::io::stderr().lock(), "SKIPPED: {}: {why}", thread.name().unwrap_or_default()).unwrap();
}

fn there(program: &str, version: &str) -> bool {
    let status = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[test]
fn mermaid_reads_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/parsers");
    if !there("node", "--version") || !folder.join("node_modules/mermaid").exists() {
        return skip("Mermaid's parser is not here: install node, then run `npm ci` in graph/tests/suite/parsers");
    }
    let output = Command::new("node").arg(folder.join("mermaid.mjs")).args(goldens("mmd")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn graphviz_reads_them() {
    if !there("dot", "-V") {
        return skip("Graphviz is not here: install `dot`");
    }
    for path in goldens("dot") {
        let output = Command::new("dot").arg("-Tplain").arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{}: {said}", path.display());
        let source = std::fs::read_to_string(&path).unwrap();
        let drawn = String::from_utf8_lossy(&output.stdout).into_owned();
        let count = |text: &str, start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        let nodes = source
            .lines()
            .filter(|line| line.trim_start().starts_with('n') && line.contains(" [label=") && !line.contains(" -> "));
        assert_eq!(count(&drawn, "node "), nodes.count(), "{}", path.display());
        let edges = source.lines().filter(|line| line.starts_with("    n") && line.contains(" -> n"));
        assert_eq!(count(&drawn, "edge "), edges.count(), "{}", path.display());
    }
}
