//! The cases of a recording: each one is run, or is told to differ; none is passed over in silence.

use crate::recording::{assert_test, differences, in_workspace, recording};
use serde_json::Value;
use std::collections::BTreeMap;

/// What says of a recording where it comes from, and is no case of it.
const ABOUT: [&str; 6] = ["golden", "langchain_core", "python", "description", "ordering", "stable_over_repeats"];

/// The cases of a recording, by their names, which a test goes through. Those that are left when it is dropped fail the
/// test: a case that is added to a recording has to be looked at.
#[derive(Debug)]
pub struct Cases {
    of: String,
    left: BTreeMap<String, Value>,
    rows: Vec<String>,
}

impl Cases {
    /// The cases in a part of a recording, which is a JSON pointer: `/cases`, or the empty text for the whole.
    ///
    /// # Panics
    /// Where the recording has no such part.
    pub fn of(name: &str, part: &str) -> Self {
        let recording = recording(name);
        let cases = recording.pointer(part).and_then(Value::as_object);
        let cases = cases.unwrap_or_else(|| panic!("{name} has no cases in `{part}`")).clone();
        let left = cases.into_iter().filter(|(case, _)| !ABOUT.contains(&case.as_str())).collect();
        Cases { of: format!("{name}{part}"), left, rows: differences() }
    }

    /// With what was recorded in the form in which a test compares it.
    pub fn each(mut self, form: impl Fn(&Value) -> Value) -> Self {
        self.left.values_mut().for_each(|case| *case = form(case));
        self
    }

    /// The names of those that are left.
    pub fn names(&self) -> Vec<String> {
        self.left.keys().cloned().collect()
    }

    /// What was recorded, for a test that compares it itself.
    ///
    /// # Panics
    /// Where there is no such case, or it was taken before.
    #[track_caller]
    pub fn take(&mut self, case: &str) -> Value {
        self.left.remove(case).unwrap_or_else(|| panic!("{} has no case `{case}` (left)", self.of))
    }

    /// Catena does the same.
    ///
    /// # Panics
    /// Where it does not.
    #[track_caller]
    pub fn same(&mut self, case: &str, ours: &Value) {
        assert_eq!(ours, &self.take(case), "{}: {case}", self.of);
    }

    /// Catena does this instead, for the reason that a row of the table of differences gives.
    ///
    /// # Panics
    /// Where it does something else, or the same, or the table has no such row.
    #[track_caller]
    pub fn differs(&mut self, case: &str, row: &str, ours: &Value, expected: &Value) {
        assert_eq!(ours, expected, "{}: {case}", self.of);
        assert_ne!(ours, &self.take(case), "{}: {case} is the same: it need not be listed", self.of);
        self.told(row);
    }

    /// Catena does the same but for one thing, for the reason that a row of the table of differences gives.
    ///
    /// # Panics
    /// Where it differs otherwise, or not at all, or the table has no such row.
    #[track_caller]
    pub fn but_for(&mut self, case: &str, row: &str, ours: &Value, change: impl FnOnce(&mut Value)) {
        let recorded = self.take(case);
        let mut expected = recorded.clone();
        change(&mut expected);
        assert_eq!(ours, &expected, "{}: {case}", self.of);
        assert_ne!(expected, recorded, "{}: {case} is the same: it need not be listed", self.of);
        self.told(row);
    }

    /// The compiler refuses it, as a golden of `ui-tests/` shows: `chain/wrong_type`.
    ///
    /// # Panics
    /// Where there is no such golden, or the table has no such row.
    #[track_caller]
    pub fn refused(&mut self, case: &str, row: &str, golden: &str) {
        self.take(case);
        let golden = golden.replace('/', "/fail/");
        assert!(in_workspace(&format!("ui-tests/{golden}.stderr")).exists(), "{golden} is no golden");
        self.told(row);
    }

    /// A test of another file runs it: `router::a_key_chooses` in a file `router.rs`.
    ///
    /// # Panics
    /// Where there is no such test.
    #[track_caller]
    pub fn tested_by(&mut self, case: &str, test: &str) {
        self.take(case);
        assert_test(test);
    }

    /// It needs another crate than `catena`, as a row of the table of differences says.
    ///
    /// # Panics
    /// Where the table has no such row.
    #[track_caller]
    pub fn elsewhere(&mut self, case: &str, row: &str) {
        self.take(case);
        self.told(row);
    }

    /// That the table of differences has this row.
    ///
    /// # Panics
    /// Where it has not.
    #[track_caller]
    pub fn told(&self, row: &str) {
        assert!(self.rows.iter().any(|known| known == row), "the table of differences has no row `{row}`");
    }
}

impl Drop for Cases {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let left: Vec<&String> = self.left.keys().collect();
            assert!(left.is_empty(), "cases of {} that nothing looks at: {left:?}", self.of);
        }
    }
}
