//! A chain in one line of words.

use std::fmt::Write as _;

use crate::label::fit;
use crate::{Diagram, Field, Kind, Shape, Track};

/// Names longer than this are cut off.
const LONGEST: usize = 60;

impl Diagram {
    /// The chain in one line of words, for readers that hear a picture instead of seeing it.
    ///
    /// ```
    /// use catena_graph::{Diagram, Field, Kind, Track};
    ///
    /// let models = Track::parallel([
    ///     Field::new("gpt", Track::step("gpt_4o", Kind::Model).retry(3)),
    ///     Field::new("gemini", Track::step("flash", Kind::Model)).settled(),
    /// ]);
    /// let chain = Track::sequence([Track::step("ask", Kind::Prompt), models]);
    /// assert_eq!(
    ///     Diagram::new("compare", chain).input("Question").words(),
    ///     "From Question: ask (prompt), then at once [gpt: gpt_4o (model), with up to 3 attempts; \
    ///      gemini, settled: flash (model)]."
    /// );
    /// ```
    pub fn words(&self) -> String {
        let mut words = String::new();
        if let Some(input) = &self.input {
            let _ = write!(words, "From {}: ", fit(input, LONGEST));
        }
        say(&self.root, &mut words);
        if let Some(output) = &self.output {
            let _ = write!(words, ", giving {}", fit(output, LONGEST));
        }
        words.push('.');
        words
    }
}

fn say(track: &Track, words: &mut String) {
    match &track.shape {
        Shape::Step(step) => {
            words.push_str(&fit(step.title(), LONGEST));
            if !step.name.trim().is_empty() && step.kind != Kind::Unknown {
                let _ = write!(words, " ({})", step.kind.word());
            }
        }
        Shape::Sequence(tracks) if tracks.is_empty() => words.push_str("nothing"),
        Shape::Sequence(tracks) => list(words, tracks, ", then "),
        Shape::Parallel(fields) => {
            words.push_str("at once [");
            for (at, field) in fields.iter().enumerate() {
                if at > 0 {
                    words.push_str("; ");
                }
                match field {
                    Field::Filled { name, settled, track } => {
                        words.push_str(&fit(name, LONGEST));
                        words.push_str(if *settled { ", settled: " } else { ": " });
                        say(track, words);
                    }
                    Field::Kept => words.push_str("the fields already there"),
                }
            }
            words.push(']');
        }
        Shape::Branch(arms) => {
            words.push_str("one of [");
            for (at, arm) in arms.iter().enumerate() {
                if at > 0 {
                    words.push_str("; ");
                }
                let _ = write!(words, "if {}: ", fit(&arm.pattern, LONGEST));
                say(&arm.track, words);
            }
            words.push(']');
        }
        Shape::Fallback(tracks) => {
            words.push('[');
            list(words, tracks, "; on failure ");
            words.push(']');
        }
        Shape::Race(tracks) => {
            words.push_str("the first to succeed of [");
            list(words, tracks, "; ");
            words.push(']');
        }
        Shape::Retry { attempts, note, track } => {
            group(track, words);
            match attempts {
                Some(attempts) => {
                    let _ = write!(words, ", with up to {attempts} attempts");
                }
                None => words.push_str(", tried again on failure"),
            }
            if let Some(note) = note {
                let _ = write!(words, " ({})", fit(note, LONGEST));
            }
        }
        Shape::Timeout { limit, track } => {
            group(track, words);
            match limit.trim() {
                "" => words.push_str(", limited in time"),
                limit => {
                    let _ = write!(words, ", within {}", fit(limit, LONGEST));
                }
            }
        }
        Shape::Map(track) => {
            words.push_str("for each item ");
            group(track, words);
        }
        Shape::Spawned(track) => {
            group(track, words);
            words.push_str(", in a task of its own");
        }
        Shape::Choice(track) => {
            group(track, words);
            words.push_str(", then the step it chooses");
        }
        Shape::Configured { track, .. } => group(track, words),
        Shape::Named { name, track } => {
            words.push_str(&fit(name, LONGEST));
            words.push_str(": ");
            group(track, words);
        }
    }
    if let Some(outcome) = &track.outcome {
        let _ = write!(words, " — {}", fit(&outcome.summary(), LONGEST));
    }
}

fn list(words: &mut String, tracks: &[Track], between: &str) {
    for (at, track) in tracks.iter().enumerate() {
        if at > 0 {
            words.push_str(between);
        }
        say(track, words);
    }
}

/// In parentheses where it is more than one.
fn group(track: &Track, words: &mut String) {
    if let Shape::Sequence(tracks) = &track.shape
        && tracks.len() > 1
    {
        words.push('(');
        say(track, words);
        words.push(')');
    } else {
        say(track, words);
    }
}
