//! A run in a timeline.

use crate::Outcome;
use std::time::Duration;

/// A run of a step in a timeline, or the sum of several runs.
///
/// ```
/// use catena_graph::{Bar, Outcome, Status};
/// use std::time::Duration;
///
/// let (start, took) = (Duration::ZERO, Duration::from_millis(20));
/// let bar = Bar::new("gpt", start, took, Outcome::new(Status::Ok).took("20 ms")).kind("model").part("0.1");
/// assert_eq!(bar.part.as_deref(), Some("0.1"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bar {
    /// The name.
    pub name: String,
    /// The kind, in a word.
    pub kind: String,
    /// The position in its parent: the name of its field, the number of its attempt.
    pub label: Option<String>,
    /// The start, measured from the start of the first bar.
    pub start: Duration,
    /// The duration.
    pub length: Duration,
    /// The outcome.
    pub outcome: Outcome,
    /// The bar of the run that it is part of, by its position.
    pub within: Option<usize>,
    /// The part of the picture, by its [id](crate::Diagram::tracks).
    pub part: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Further details, as names and values.
    pub facts: Vec<(String, String)>,
    /// The input.
    pub input: Option<String>,
    /// The output.
    pub output: Option<String>,
}

impl Bar {
    /// Creates a bar.
    pub fn new(name: impl Into<String>, start: Duration, length: Duration, outcome: Outcome) -> Self {
        Bar {
            name: name.into(),
            kind: String::new(),
            label: None,
            start,
            length,
            outcome,
            within: None,
            part: None,
            tags: Vec::new(),
            facts: Vec::new(),
            input: None,
            output: None,
        }
    }

    /// Sets the kind, in a word.
    pub fn kind(mut self, word: impl Into<String>) -> Self {
        self.kind = word.into();
        self
    }

    /// Sets the bar that it is part of.
    pub fn within(mut self, bar: usize) -> Self {
        self.within = Some(bar);
        self
    }

    /// Sets the part of the picture.
    pub fn part(mut self, id: impl Into<String>) -> Self {
        self.part = Some(id.into());
        self
    }
}
