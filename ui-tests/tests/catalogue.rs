//! The catalogue of errors has them all, and quotes what the compiler says.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn catalogue() -> PathBuf {
    here().join("../runtime/docs/errors.md")
}

/// The goldens by topic and name: `chain/fail/wrong_type`.
fn goldens() -> BTreeSet<String> {
    let topics = fs::read_dir(here()).unwrap().map(|entry| entry.unwrap().path().join("fail"));
    let files = topics.filter(|fail| fail.is_dir()).flat_map(|fail| fs::read_dir(fail).unwrap());
    let paths =
        files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "stderr"));
    paths
        .map(|path| path.strip_prefix(here()).unwrap().with_extension("").display().to_string().replace('\\', "/"))
        .collect()
}

/// What is quoted of a golden: the first line of each error, and of the first one the code with what is marked in it.
fn quoted(golden: &str) -> String {
    let golden = fs::read_to_string(here().join(golden).with_extension("stderr")).unwrap();
    let mut lines = golden.lines();
    let mut quoted: Vec<&str> = lines.next().into_iter().collect();
    let code = lines.by_ref().skip_while(|line| line.trim() != "|").skip(1);
    quoted.extend(code.take_while(|line| !line.is_empty() && line.trim() != "|"));
    for line in golden.lines().filter(|line| line.starts_with("error")) {
        if !quoted.contains(&line) {
            quoted.push(line);
        }
    }
    quoted.join("\n")
}

/// The golden that a line is about.
fn marked(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- ")?.strip_suffix(" -->")
}

/// The page as it should be: after the name of each golden a block with what is quoted of it.
fn renewed(page: &str) -> String {
    let mut renewed = Vec::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        renewed.push(line.to_owned());
        let Some(golden) = marked(line) else { continue };
        if lines.next_if(|line| line.starts_with("```")).is_some() {
            lines.by_ref().find(|line| line.starts_with("```"));
        }
        renewed.push(format!("```text\n{}\n```", quoted(golden)));
    }
    renewed.join("\n") + "\n"
}

/// Where the source lies that a line of a golden is about: `chain/fail/wrong_type.rs` in ` --> chain/fail/wrong_type.rs:13:43`.
fn shown(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let place = line.strip_prefix("--> ").or_else(|| line.strip_prefix("::: "))?;
    Some(place.split(':').next().unwrap_or_default())
}

/// The compiler shows lines of std only if the component `rust-src` is installed, and those of other crates as their
/// versions have them. A golden is the same everywhere if it shows only the case itself and Catena's own crates.
#[test]
fn goldens_show_the_case_and_catena_alone() {
    let goldens = goldens();
    assert!(goldens.len() > 80, "{goldens:?}");
    let mut others = Vec::new();
    for name in goldens {
        let golden = fs::read_to_string(here().join(&name).with_extension("stderr")).unwrap();
        let case = format!("{name}.rs");
        let places = golden.lines().filter_map(shown);
        others.extend(
            places
                .filter(|&place| place != case && !place.starts_with("$WORKSPACE/"))
                .map(|at| format!("{name}: {at}")),
        );
        // However a line may name them: std's sources, and crates from a registry.
        let named = ["$RUST", "/rustc/", "rustlib/src", "$CARGO", ".cargo/registry"];
        others.extend(named.iter().filter(|&&part| golden.contains(part)).map(|part| format!("{name}: {part}")));
    }
    assert!(others.is_empty(), "goldens that depend on what else is installed; reword the cases: {others:#?}");
}

#[test]
fn every_error_is_in_the_catalogue() {
    let page = fs::read_to_string(catalogue()).unwrap();
    let named: Vec<&str> = page.lines().filter_map(marked).collect();
    let once: BTreeSet<String> = named.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(once.len(), named.len(), "runtime/docs/errors.md has an error twice");
    let missing: Vec<_> = goldens().difference(&once).cloned().collect();
    assert!(
        missing.is_empty(),
        "not in runtime/docs/errors.md: add `<!-- {} -->` and what to do",
        missing.join(" -->`, `<!-- ")
    );
    let gone: Vec<_> = once.difference(&goldens()).cloned().collect();
    assert!(gone.is_empty(), "in runtime/docs/errors.md, but no golden: {gone:?}");
}

/// `UPDATE_ERRORS=1 cargo test -p catena-ui-tests --test catalogue` renews the quotations.
#[test]
fn the_catalogue_quotes_the_compiler() {
    let page = fs::read_to_string(catalogue()).unwrap();
    let renewed = renewed(&page);
    if std::env::var_os("UPDATE_ERRORS").is_some() {
        // In one go: the other tests read it at the same time.
        let new = catalogue().with_extension("new");
        fs::write(&new, renewed).unwrap();
        fs::rename(&new, catalogue()).unwrap();
        return;
    }
    let differs = page.lines().zip(renewed.lines()).find(|(is, should)| is != should);
    assert!(
        page == renewed,
        "runtime/docs/errors.md does not quote the goldens (UPDATE_ERRORS=1 renews it): {differs:?}"
    );
}

/// Every error has a word on what to do: no block is the last of its section.
#[test]
fn every_error_is_explained() {
    let page = fs::read_to_string(catalogue()).unwrap();
    let (mut quoting, mut unexplained) = (false, None);
    for line in page.lines() {
        if line.starts_with("```") {
            quoting = !quoting;
        } else if let Some(golden) = marked(line) {
            unexplained = Some(golden);
        } else if line.starts_with("# ") {
            assert_eq!(unexplained, None, "runtime/docs/errors.md says nothing about it");
        } else if !quoting && !line.is_empty() {
            unexplained = None;
        }
    }
    assert_eq!(unexplained, None, "runtime/docs/errors.md says nothing about it");
}
