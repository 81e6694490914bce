//! Every mistake a user can make is one error that says what to do; and what looks like one is none.

/// `TRYBUILD=overwrite cargo test -p catena-ui-tests` renews the goldens: read each as a user would.
#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    for topic in ["chain", "runnable", "record", "prompt"] {
        cases.compile_fail(format!("{topic}/fail/*.rs"));
        cases.pass(format!("{topic}/pass/*.rs"));
    }
}
