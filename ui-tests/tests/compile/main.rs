//! Every mistake a user can make is one error that says what to do; and what looks like one is none.

mod each_use;
mod golden;
mod names;
mod nested;
mod program;

/// `UPDATE_ERRORS=1 cargo test -p catena-ui-tests --test compile` renews the goldens: read each as a user would. The same
/// with `--test catalogue` then renews what the catalogue quotes.
#[test]
fn mistakes_are_explained() {
    let failures =
        golden::check(&["chain", "runnable", "record", "prompt", "policy", "tool", "parser", "serve", "durable"]);
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// What the README shows as an error is what the compiler says.
#[test]
fn the_readme_shows_a_real_error() {
    let readme = include_str!("../../../README.md");
    let golden = include_str!("../../chain/fail/wrong_type.stderr");
    assert!(readme.contains(golden.trim()), "the README shows another error than this:\n{golden}");
}
