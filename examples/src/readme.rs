//! The README, its translation, and the links of all pages.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The blocks of code, each with its language.
fn code(text: &str) -> Vec<&str> {
    text.split("\n```").skip(1).step_by(2).collect()
}

/// The rows of the table of figures.
fn figures(text: &str) -> &str {
    text.split_once("figures of benches/RESULTS.md: begin").unwrap().1.split_once("end -->").unwrap().0
}

#[test]
fn the_translation_has_the_same_code_and_figures() {
    let (readme, translation) = (read("README.md"), read("README.zh.md"));
    assert_eq!(code(&readme), code(&translation));
    assert_eq!(figures(&readme), figures(&translation));
    let sections = |text: &str| text.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(sections(&readme), sections(&translation));
    assert_eq!(links(&readme), links(&translation).into_iter().map(the_original).collect());
}

/// Each language links to the other.
fn the_original(link: String) -> String {
    if link == "README.md" { "README.zh.md".to_owned() } else { link }
}

#[test]
fn the_readme_is_short() {
    assert!(read("README.md").lines().count() < 250);
}

/// The targets of the links to files.
fn links(text: &str) -> BTreeSet<String> {
    // Not those in code.
    let prose: String = text.split("\n```").step_by(2).collect();
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link.to_owned())
        .filter(|link| !link.contains("://") && !link.starts_with('#'))
        .collect()
}

/// All pages but those of tests and of what is installed.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "node_modules", "venv", "tests", "pkg"].contains(&name.as_str()) {
                pages(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

#[test]
fn links_lead_to_files_and_headings() {
    let mut found = Vec::new();
    pages(&root(), &mut found);
    assert!(found.len() > 20, "{found:?}");
    let mut broken = Vec::new();
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        // Pages that are rustdoc have links to items, which rustdoc checks.
        if page.ends_with("docs") || page.parent().is_some_and(|folder| folder.ends_with("docs")) {
            continue;
        }
        for link in links(&text) {
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = page.parent().unwrap().join(file);
            let there = target.exists()
                && (heading.is_empty() || fs::read_to_string(&target).is_ok_and(|text| has_heading(&text, heading)));
            if !there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Returns `true` if a page has a heading whose anchor is this.
fn has_heading(text: &str, anchor: &str) -> bool {
    text.lines().filter(|line| line.starts_with('#')).any(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept: String = words.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c)).collect();
        kept.replace(' ', "-") == anchor
    })
}

/// The features that the guide and the front pages list are those of the manifests.
#[test]
fn every_feature_is_in_the_table() {
    let table = read("docs/src/features.md");
    let listed: BTreeSet<(String, String)> = table
        .lines()
        .filter_map(|row| row.strip_prefix("| `")?.split_once("` | `"))
        .filter_map(|(package, rest)| Some((package.to_owned(), rest.split_once('`')?.0.to_owned())))
        .collect();
    let folders = [
        ("catena", "runtime"),
        ("catena-llm", "llm"),
        ("catena-serve", "serve"),
        ("catena-durable", "durable"),
        ("catena-graph", "graph"),
    ];
    let mut there = BTreeSet::new();
    for (package, folder) in folders {
        let manifest = read(&format!("{folder}/Cargo.toml"));
        let Some((_, features)) = manifest.split_once("\n[features]\n") else { continue };
        let features = features.split("\n[").next().unwrap();
        for (name, _) in
            features.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "))
        {
            if name != "default" {
                let front = read(&format!("{folder}/src/lib.rs"));
                assert!(
                    front.contains(&format!("//! | `{name}`")),
                    "the front page of {package} lacks the feature {name}"
                );
                there.insert((package.to_owned(), name.to_owned()));
            }
        }
    }
    assert_eq!(listed, there);
}
