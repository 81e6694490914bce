//! The rooms of `src` stand in an order: a room imports from those below it alone, so that each can be read without what is
//! built on it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// From the bottom to the top. Rooms of one level are one circle, and may import each other: a step gets the context of a
/// run, which carries observers of steps.
///
/// `util` stands near the bottom: it knows no more of the crate than its errors, which look at types by it, and everything
/// above may use it.
const LEVELS: [&[&str]; 15] = [
    &["record"],
    &["node"],
    &["host", "util", "error"],
    &["reflect"],
    &["stream"],
    &["step", "observe", "run"],
    &["manifest"],
    &["batch"],
    &["combinators"],
    &["graph"],
    &["runnable_ext", "step_ext"],
    &["leaves"],
    &["run_drawing", "interop"],
    &["macro_support"],
    &["macros", "prelude", "pictures"],
];

/// The imports that go upward: a file, and a room above it.
///
/// Methods are not seen here: the JSON of a manifest has its graph, by a method of `Manifest` that is in `graph`.
const UPWARD: [(&str, &str); 7] = [
    // Ends when `Flow`, `Carries` and `Given`, which `Runnable::fit` names, are in `step`.
    ("reflect/registry.rs", "macro_support"),
    ("step/runnable.rs", "macro_support"),
    // Ends when `Lent` and `Lendable`, which only `chain!` names, are in `macro_support`.
    ("step/shared_input.rs", "combinators"),
    ("step/shared_input.rs", "macro_support"),
    // Ends when a visitor takes the place of the methods `component` and `details` of steps.
    ("step/runnable.rs", "manifest"),
    // A check of a chain before its run reads its parts.
    ("run/lifecycle.rs", "manifest"),
    // What `assert_graph!` expands to calls a method of the chain.
    ("graph/golden.rs", "runnable_ext"),
];

#[test]
fn rooms_import_from_below() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let exports = exports(&code(&fs::read_to_string(src.join("lib.rs")).unwrap()));
    let levels: BTreeMap<&str, usize> =
        LEVELS.iter().enumerate().flat_map(|(level, rooms)| rooms.iter().map(move |room| (*room, level))).collect();
    let mut upward = BTreeSet::new();
    for file in files(&src) {
        let name = file.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
        if name == "lib.rs" {
            continue;
        }
        let room = name.split('/').next().unwrap().trim_end_matches(".rs");
        let level = levels.get(room).unwrap_or_else(|| panic!("{name}: the room `{room}` has no level"));
        let code = code(&fs::read_to_string(&file).unwrap());
        let depth = name.split('/').count() - usize::from(name.ends_with("/mod.rs"));
        assert!(
            !code.contains(&"super::".repeat(depth)),
            "{name}: a path with `super::` leaves the room, write it with `crate::`"
        );
        for import in imports(&code) {
            let to = if levels.contains_key(import) { import } else { exports.get(import).map_or("", String::as_str) };
            match levels.get(to) {
                Some(above) if above > level => _ = upward.insert((name.clone(), to.to_owned())),
                Some(_) => {}
                None => assert_eq!(to, "-", "{name}: where is `crate::{import}`?"),
            }
        }
    }
    let known: BTreeSet<_> = UPWARD.iter().map(|(file, room)| ((*file).to_owned(), (*room).to_owned())).collect();
    let new: Vec<_> = upward.difference(&known).collect();
    assert!(new.is_empty(), "imports from rooms above: {new:#?}");
    let gone: Vec<_> = known.difference(&upward).collect();
    assert!(gone.is_empty(), "no longer there, take them off the list: {gone:#?}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The code without comments, texts and tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let (mut code, mut rest) = (String::new(), text);
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix("r\"") {
            raw.find('"').map_or(rest.len(), |end| end + 3)
        } else if rest.starts_with("r#\"") {
            rest.find("\"#").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with('"') {
            let mut escaped = true;
            let end = rest.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 1)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            code.push(next);
            next.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}

/// The first names of all paths that begin at the crate. What the macros for users expand to is not meant: `$crate::__..`.
fn imports(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, begin) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let path = &code[at + begin.len()..];
        names.extend(heads(path).into_iter().filter(|name| before != Some('$') || !name.starts_with("__")));
    }
    names
}

/// The first name of a path, or those of a list of paths in braces.
fn heads(path: &str) -> Vec<&str> {
    let Some(list) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut heads, mut depth, mut begins) = (Vec::new(), 1, true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => begins = true,
            c if begins && !c.is_whitespace() => {
                heads.push(word(&list[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()
}

/// The room of each name that the root exports; `-` for names that are of no room.
fn exports(lib: &str) -> BTreeMap<String, String> {
    let mut exports = BTreeMap::new();
    for item in lib.split(';') {
        let Some((_, tree)) = item.split_once("pub use ") else { continue };
        let room = if tree.starts_with("tokio_util::") { "-" } else { word(tree) };
        let names = tree.rsplit_once("::").map_or(tree, |(_, names)| names);
        for name in names.trim_matches(['{', '}']).split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let name = name.split_once(" as ").map_or(name, |(_, name)| name);
            exports.insert(name.to_owned(), room.to_owned());
        }
    }
    exports
}
