//! That nothing is claimed or recorded without a test: the table of differences, the folder of recordings.

use catena_tests::{assert_test, differences, in_workspace, sources};
use std::{collections::BTreeSet, fs};

/// The rows of the table of differences that are checked by tests which go through no recording, by these.
const CHECKED_BY: &[(&str, &str)] = &[
    ("errors in events", "events::a_failure_is_an_event_of_each_run_it_ends_and_stops_the_siblings"),
    ("a run that is stopped", "events::what_was_running_says_that_it_was_stopped"),
    ("unknown keys of a configuration", "config_keys::what_json_gets_wrong_is_named"),
    ("a branch of a parallel map fails", "events::a_failure_is_an_event_of_each_run_it_ends_and_stops_the_siblings"),
    (
        "the input in the event of a bare router",
        "values::the_step_that_a_router_chooses_gets_the_input_without_the_key",
    ),
    ("values in events", "values::a_value_of_which_a_part_cannot_be_written_is_left_out"),
    ("the limit on recursion", "dynamic::g34_the_limit_counts_as_langchains"),
];

/// The sources of all integration tests but this one, in one text.
fn all_sources() -> String {
    sources().into_iter().filter(|(path, _)| !path.ends_with("/table.rs")).map(|(_, source)| source).collect()
}

#[test]
fn each_difference_has_a_test() {
    let (rows, sources) = (differences(), all_sources());
    for row in &rows {
        let named = CHECKED_BY.iter().find(|(known, _)| known == row);
        match named {
            Some((_, test)) => assert_test(test),
            None => assert!(sources.contains(&format!("\"{row}\"")), "no test checks what the table says of `{row}`"),
        }
    }
    for (row, _) in CHECKED_BY {
        assert!(rows.iter().any(|known| known == row), "the table has no row `{row}`");
    }
    let once: BTreeSet<&String> = rows.iter().collect();
    assert_eq!(once.len(), rows.len(), "a row is there twice");
}

#[test]
fn each_recording_has_a_test() {
    let sources = all_sources();
    for entry in fs::read_dir(in_workspace("tests/tests/suite/conformance/recordings")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(sources.contains(&format!("\"{name}\"")), "no test reads {name}");
    }
}
