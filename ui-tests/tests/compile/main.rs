//! Every mistake a user can make is one error that says what to do; and what looks like one is none.

mod each_use;
mod names;
mod program;

/// `TRYBUILD=overwrite cargo test -p catena-ui-tests` renews the goldens: read each as a user would.
#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    for topic in ["chain", "runnable", "record", "prompt", "policy", "tool", "parser", "serve", "durable"] {
        cases.compile_fail(format!("{topic}/fail/*.rs"));
        cases.pass(format!("{topic}/pass/*.rs"));
    }
}

/// What the README shows as an error is what the compiler says.
#[test]
fn the_readme_shows_a_real_error() {
    let readme = include_str!("../../../README.md");
    let golden = include_str!("../../chain/fail/wrong_type.stderr");
    assert!(readme.contains(golden.trim()), "the README shows another error than this:\n{golden}");
}
