//! What rust-analyzer completes, shows and finds in chains, whole and half-written.
//!
//! If it is not installed, or std's sources are not (`.ci/install-editor` installs both), the test says so and passes;
//! `CATENA_REQUIRE_RUST_ANALYZER=1` makes that a failure.

use catena_editor_tests::{Project, rust_analyzer, sources_of_std};
use std::{io::Write, path::Path};

const COMPLETIONS: &[(&str, &[&str])] = &[
    // Methods of a step, and those of every step.
    ("fn f() { let m = Model; chain!(String => shout | m.^); }", &["louder", "retry", "timeout"]),
    ("fn f() { let m = Model; chain!(String => shout | m.^ | length); }", &["louder", "retry"]),
    ("fn f() { let m = Model; chain!(String => <a: m.^, b: shout> | |r| r.b); }", &["louder", "retry"]),
    ("fn f() { let m = Model; chain!(String => <a: shout, b: m.^); }", &["louder", "retry"]),
    (
        "fn f() { let m = Model; chain!(Option<String> => match { Some(x) => m.^, None => |_| String::new() }); }",
        &["louder"],
    ),
    // Steps by their names.
    ("fn f() { let model = Model; chain!(String => shout | ^); }", &["model", "length"]),
    ("fn f() { let model = Model; chain!(String => <a: shout, b: ^); }", &["model", "length"]),
    ("fn f() { let model = Model; chain!(String => shout | |text| ^); }", &["model", "text"]),
    // Fields of a map's output, and methods of what a closure gets.
    ("fn f() { chain!(String => <loud: shout, long: length> | |r| r.^); }", &["loud", "long"]),
    ("fn f() { chain!(String => <loud: shout, long: length> | |r| { let n = r.^; n } | shout); }", &["loud", "long"]),
    ("fn f() { chain!(String => shout | |text| text.^); }", &["to_lowercase", "len"]),
    ("fn f() { chain!(String => length | |n| n.^ | |m| m); }", &["checked_add"]),
    // Fields of a record, to pick, and of what a pick gives.
    ("fn f() { chain!(Ticket => .^); }", &["verdict", "customer"]),
    ("fn f() { chain!(Ticket => .verdict.^); }", &["urgency", "reason"]),
    ("fn f() { chain!(Ticket => .verdict | .^ | |r| r); }", &["urgency", "reason"]),
    ("fn f() { chain!(Ticket => .verdict | |v| v.^); }", &["urgency", "reason"]),
    // Items of a module.
    ("fn f() { chain!(String => parser::^); }", &["words"]),
    ("fn f() { chain!(String => shout | parser::^ | |n| n + 1); }", &["words"]),
    ("fn f() { chain!(String => <a: shout, b: parser::^>); }", &["words"]),
];

/// What is shown of a chain and its calls begins so, and has no line that is longer than this.
const LINE: usize = 120;
const CHAINS: &[(&str, &str)] = &[
    (
        "fn f() { let cha^in = chain!(String => shout | length); }",
        "let chain: Typed<String, Sequence<(shout, length), __Names>>",
    ),
    (
        "async fn f() { let chain = chain!(String => shout | length); let ou^t = chain.invoke(String::new()).await; }",
        "let out: Result<usize, Error>",
    ),
    (
        "async fn f() { let chain = chain!(String => <a: shout, b: length> | |r| r.b); chain.inv^oke(String::new()).await; }",
        "catena::runnable_ext::RunnableExt",
    ),
];

const HOVERS: &[(&str, &[&str])] = &[
    ("fn f() { chain!(String => sho^ut | length); }", &["struct shout", "Makes it loud."]),
    ("fn f() { chain!(String => shout | length. | sh^out); }", &["struct shout"]),
    ("fn f() { chain!(String => length | |nu^m| num + 1); }", &["num: usize"]),
    ("fn f() { chain!(String => <loud: shout, long: length> | |r| r.lo^ng + 1); }", &["pub long: T1", "T1 = usize"]),
    ("fn f() { let m = Model; chain!(String => m^ | length.); }", &["let m: Model"]),
];

const DEFINITIONS: &[(&str, &str)] = &[
    ("fn f() { chain!(String => length | |x| x.to_string() | sh^out); }", "shout(text: &str)"),
    ("fn f() { chain!(String => length. | sh^out); }", "shout(text: &str)"),
    ("fn f() { chain!(String => <loud: shout, long: length> | |r| r.lo^ng + 1); }", "long: length>"),
    ("fn f() { chain!(String => <loud: shout, long: length> | .lo^ng); }", "long: length>"),
    ("fn f() { let model = Model; chain!(String => mo^del | ); }", "model = Model;"),
];

#[test]
fn an_editor_helps_with_chains() {
    let Some(program) = rust_analyzer().filter(|_| sources_of_std()) else {
        let why = "what an editor shows: rust-analyzer or std's sources are not here, see `.ci/install-editor`";
        assert!(std::env::var_os("CATENA_REQUIRE_RUST_ANALYZER").is_none(), "{why}");
        // Not `eprintln!`, which the test harness keeps to itself when a test passes. It names the thread after the test.
        let thread = std::thread::current();
        writeln!(std::io::stderr().lock(), "SKIPPED: {}: {why}", thread.name().unwrap_or_default()).unwrap();
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edited");
    let mut project = Project::open(&program, &folder).unwrap();
    let mut failures = Vec::new();
    for (text, expected) in COMPLETIONS {
        let offered = project.completions(text).unwrap();
        // Variables that an expansion makes have no better rank than those of the user.
        let of_user = offered.iter().find(|offer| expected.contains(&offer.name.as_str()) && offer.name == "model");
        if let Some(model) = of_user {
            let before = offered.iter().find(|offer| offer.name.starts_with("__") && offer.rank < model.rank);
            failures.extend(before.map(|offer| format!("{text}\n    offers {offer:?} before {model:?}")));
        }
        for name in *expected {
            if !offered.iter().any(|offer| offer.name == *name) {
                let some: Vec<_> = offered.iter().take(20).map(|offer| &offer.name).collect();
                failures.push(format!("{text}\n    does not complete `{name}`, only {some:?}"));
            }
        }
    }
    for (text, expected) in HOVERS {
        let shown = project.hover(text).unwrap();
        for part in *expected {
            if !shown.contains(part) {
                failures.push(format!("{text}\n    does not show `{part}`, but {shown:?}"));
            }
        }
    }
    for (text, expected) in CHAINS {
        let shown = project.hover(text).unwrap();
        // The last lines are the documentation.
        let long = shown.split("\n\n\n").take(2).flat_map(str::lines).find(|line| line.chars().count() > LINE);
        if !shown.starts_with(expected) || long.is_some() {
            failures.push(format!("{text}\n    shows {shown:?}"));
        }
    }
    for (text, expected) in DEFINITIONS {
        let found = project.definitions(text).unwrap();
        if !found.iter().any(|found| found.starts_with(expected)) {
            failures.push(format!("{text}\n    does not lead to `{expected}`, but to {found:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
