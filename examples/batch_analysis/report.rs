//! What is printed: tables or JSON.

use crate::{Analysis, Mood, Style, Topic};
use catena::{Error, Result};
use catena_examples::Call;
use console::{Alignment, Term, pad_str, style, truncate_str};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    time::Duration,
};

/// What was measured beside the analyses.
pub(crate) struct Measured {
    pub(crate) elapsed: Duration,
    pub(crate) interrupted: bool,
    pub(crate) calls: Vec<Call>,
    /// The most calls of models at once.
    pub(crate) peak: usize,
}

#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) interrupted: bool,
    pub(crate) messages: usize,
    pub(crate) finished: usize,
    /// Messages of which something is missing.
    pub(crate) incomplete: usize,
    pub(crate) moods: BTreeMap<Mood, usize>,
    pub(crate) topics: BTreeMap<Topic, usize>,
    pub(crate) model_calls: Calls,
    pub(crate) elapsed_ms: f64,
    pub(crate) items_per_second: f64,
    /// In the order of the file; not finished where there is no analysis.
    pub(crate) items: Vec<Item>,
}

/// Every attempt counts.
#[derive(Serialize)]
pub(crate) struct Calls {
    pub(crate) made: usize,
    pub(crate) failed: usize,
    /// By kind.
    pub(crate) errors: BTreeMap<&'static str, usize>,
    pub(crate) most_at_once: usize,
}

#[derive(Serialize)]
pub(crate) struct Item {
    pub(crate) text: String,
    #[serde(flatten)]
    pub(crate) analysis: Option<Fields>,
}

#[derive(Serialize)]
pub(crate) struct Fields {
    pub(crate) mood: Field<Mood>,
    pub(crate) topic: Field<Topic>,
    pub(crate) style: Style,
}

/// A settled field.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", untagged)]
pub(crate) enum Field<T> {
    Known(T),
    Failed { error: Error },
}

impl<T> Field<T> {
    fn of(result: Result<T>) -> Self {
        match result {
            Ok(value) => Field::Known(value),
            Err(error) => Field::Failed { error },
        }
    }

    pub(crate) fn known(&self) -> Option<&T> {
        match self {
            Field::Known(value) => Some(value),
            Field::Failed { .. } => None,
        }
    }

    pub(crate) fn error(&self) -> Option<&Error> {
        match self {
            Field::Known(_) => None,
            Field::Failed { error } => Some(error),
        }
    }
}

impl Item {
    /// Of its fields, in their order.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Error> {
        self.analysis.iter().flat_map(|fields| fields.mood.error().into_iter().chain(fields.topic.error()))
    }
}

impl Report {
    pub(crate) fn new(texts: Vec<String>, places: Vec<Option<Analysis>>, measured: &Measured) -> Self {
        let fields = |Analysis { mood, topic, style }| Fields { mood: Field::of(mood), topic: Field::of(topic), style };
        let items = texts.into_iter().zip(places);
        let items: Vec<Item> = items.map(|(text, place)| Item { text, analysis: place.map(fields) }).collect();
        let analyses = || items.iter().filter_map(|item| item.analysis.as_ref());
        let finished = analyses().count();
        let errors: Vec<&Error> = measured.calls.iter().filter_map(|call| call.error.as_ref()).collect();
        Report {
            interrupted: measured.interrupted,
            messages: items.len(),
            finished,
            incomplete: items.iter().filter(|item| item.errors().next().is_some()).count(),
            moods: tally(analyses().filter_map(|fields| fields.mood.known().copied())),
            topics: tally(analyses().filter_map(|fields| fields.topic.known().copied())),
            model_calls: Calls {
                made: measured.calls.len(),
                failed: errors.len(),
                errors: tally(errors.iter().map(|error| error.kind().name())),
                most_at_once: measured.peak,
            },
            elapsed_ms: measured.elapsed.as_secs_f64() * 1000.0,
            items_per_second: per_second(finished, measured.elapsed),
            items,
        }
    }

    /// For people: so many of the messages, all that failed, and the sums.
    pub(crate) fn table(&self, show: usize) -> String {
        let mut out = String::new();
        // A string can always be written to.
        let _ = self.print(&mut out, show);
        out
    }

    fn print(&self, out: &mut String, show: usize) -> fmt::Result {
        let width = Term::stdout().size_checked().map_or(110, |(_, columns)| usize::from(columns).max(60));
        self.print_items(out, show, width)?;
        self.print_failures(out, show, width)?;
        let Calls { made, failed, errors, most_at_once } = &self.model_calls;
        writeln!(out, "Moods: {}", listed(&self.moods))?;
        writeln!(out, "Topics: {}", listed(&self.topics))?;
        write!(out, "Calls of models: {made}, at most {most_at_once} at once, {failed} failed")?;
        writeln!(out, "{}", if errors.is_empty() { String::new() } else { format!(" ({})", listed(errors)) })?;
        let Report { messages, finished, elapsed_ms, items_per_second, .. } = self;
        let interrupted = if self.interrupted { "Interrupted: " } else { "" };
        writeln!(
            out,
            "{interrupted}{finished} of {messages} messages in {elapsed_ms:.0} ms, {items_per_second:.0} per second."
        )
    }

    fn print_items(&self, out: &mut String, show: usize, width: usize) -> fmt::Result {
        writeln!(out, "{}", style("  #  mood      topic     words  ease  keywords                    message").dim())?;
        for (place, item) in self.items.iter().enumerate().take(show) {
            write!(out, "{:>3}  ", place + 1)?;
            match &item.analysis {
                None => write!(out, "{:<63}", "not finished")?,
                Some(Fields { mood, topic, style }) => {
                    let ease = style.reading_ease.map_or("-".to_owned(), |ease| format!("{ease:.0}"));
                    let keywords = truncate_str(&style.keywords.join(" "), 26, "…").into_owned();
                    let keywords = pad_str(&keywords, 26, Alignment::Left, None).into_owned();
                    write!(out, "{:<8}  {:<8}  {:>5}  {ease:>4}  {keywords}  ", word(mood), word(topic), style.words)?;
                }
            }
            let text = if item.text.trim().is_empty() { "(blank)" } else { item.text.trim() };
            writeln!(out, "{}", truncate_str(text, width.saturating_sub(68).max(20), "…"))?;
        }
        match self.items.len().saturating_sub(show) {
            0 => writeln!(out),
            more => writeln!(out, "     and {more} more: --show {}\n", self.items.len()),
        }
    }

    fn print_failures(&self, out: &mut String, show: usize, width: usize) -> fmt::Result {
        if self.incomplete == 0 {
            return Ok(());
        }
        let heading = format!("Incomplete: {} of {} messages", self.incomplete, self.finished);
        writeln!(out, "{}", style(heading).bold())?;
        let incomplete = self.items.iter().enumerate().filter(|(_, item)| item.errors().next().is_some());
        for (place, error) in incomplete.take(show).flat_map(|(place, item)| item.errors().map(move |e| (place, e))) {
            let (path, kind) = (error.path(), error.kind().name());
            let attempts = match error.attempts() {
                1 => String::new(),
                n => format!(" after {n} attempts"),
            };
            let message = truncate_str(error.message(), width.saturating_sub(40).max(60), "…");
            writeln!(out, "{:>3}  {path:<18}  {message} ({kind}{attempts})", place + 1)?;
        }
        match self.incomplete.saturating_sub(show) {
            0 => writeln!(out),
            more => writeln!(out, "     and {more} more\n"),
        }
    }
}

fn tally<T: Ord>(values: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut tally = BTreeMap::new();
    for value in values {
        *tally.entry(value).or_default() += 1;
    }
    tally
}

/// `3 positive, 1 mixed`
fn listed<T: fmt::Debug>(tally: &BTreeMap<T, usize>) -> String {
    let parts: Vec<String> = tally.iter().map(|(value, count)| format!("{count} {}", name(value))).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

fn word<T: fmt::Debug>(field: &Field<T>) -> String {
    field.known().map_or_else(|| "failed".to_owned(), name)
}

fn name(value: &impl fmt::Debug) -> String {
    format!("{value:?}").trim_matches('"').to_lowercase()
}

#[allow(clippy::cast_precision_loss, reason = "there are fewer than 2^52 messages")]
fn per_second(count: usize, elapsed: Duration) -> f64 {
    if elapsed.is_zero() { 0.0 } else { count as f64 / elapsed.as_secs_f64() }
}
