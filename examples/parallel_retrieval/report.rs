//! What is printed: a table or JSON.

use crate::{
    Watches,
    library::terms,
    results::{Ranked, Source, Weights},
};
use catena::Error;
use catena_examples::Watch;
use console::{Alignment, Term, pad_str, style, truncate_str};
use serde::Serialize;
use std::{
    collections::BTreeSet,
    fmt::{self, Write},
    time::Duration,
};

#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) query: String,
    pub(crate) interrupted: bool,
    pub(crate) results: Vec<Line>,
    pub(crate) sources: Vec<Fared>,
    pub(crate) elapsed_ms: f64,
    /// What the sources took, added up.
    pub(crate) sum_ms: f64,
}

#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) rank: usize,
    pub(crate) score: f64,
    pub(crate) sources: BTreeSet<Source>,
    pub(crate) title: String,
    pub(crate) snippet: String,
}

/// How a source fared.
#[derive(Serialize)]
pub(crate) struct Fared {
    pub(crate) source: Source,
    pub(crate) weight: f64,
    /// How many of the results; unknown where they were not merged in the end.
    pub(crate) found: Option<usize>,
    /// Unknown where it was not finished.
    pub(crate) took_ms: Option<f64>,
    pub(crate) outcome: Outcome,
    /// Of every attempt that failed.
    pub(crate) errors: Vec<Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Answered,
    AnsweredAfterRetry,
    ReplacedByNothing,
    Failed,
    NotFinished,
}

impl Report {
    /// Without results, the run was interrupted.
    pub(crate) fn new(
        query: &str,
        weights: Weights,
        results: Option<Vec<Ranked>>,
        watch: &Watches,
        elapsed: Duration,
    ) -> Self {
        let interrupted = results.is_none();
        let results = results.unwrap_or_default();
        let fared = |source, watch: &Watch, attempts: &Watch| {
            let errors = attempts.errors();
            let outcome = match (watch.calls().last(), attempts.calls().last()) {
                (Some(call), _) if call.error.is_some() => Outcome::Failed,
                (Some(_), Some(last)) if last.error.is_some() => Outcome::ReplacedByNothing,
                (Some(_), _) if errors.is_empty() => Outcome::Answered,
                (Some(_), _) => Outcome::AnsweredAfterRetry,
                (None, _) => Outcome::NotFinished,
            };
            let found = results.iter().filter(|result| result.sources.contains(&source)).count();
            let found = (!interrupted).then_some(found);
            let took_ms = (outcome != Outcome::NotFinished).then(|| ms(watch.took()));
            Fared { source, weight: weights.of(source), found, took_ms, outcome, errors }
        };
        let sources = vec![
            fared(Source::Sqlite, &watch.sqlite, &watch.sqlite),
            fared(Source::Bm25, &watch.bm25, &watch.bm25),
            fared(Source::Remote, &watch.remote, &watch.attempts),
        ];
        let sum_ms = sources.iter().filter_map(|fared| fared.took_ms).sum();
        let wanted = terms(query).collect();
        let line = |(at, Ranked { score, sources, title, text })| {
            let snippet = snippet(&text, &wanted);
            Line { rank: at + 1, score, sources, title, snippet }
        };
        let results = results.into_iter().enumerate().map(line).collect();
        Report { query: query.to_owned(), interrupted, results, sources, elapsed_ms: ms(elapsed), sum_ms }
    }

    /// For people: so many of the results, and how the sources fared.
    pub(crate) fn table(&self, limit: usize) -> String {
        let mut out = String::new();
        // A string can always be written to.
        let _ = self.print(&mut out, limit);
        out
    }

    fn print(&self, out: &mut String, limit: usize) -> fmt::Result {
        writeln!(out, "{}\n", style(&self.query).bold())?;
        self.print_results(out, limit)?;
        self.print_sources(out)?;
        if self.interrupted {
            return writeln!(out, "\nInterrupted after {:.1} ms.", self.elapsed_ms);
        }
        let (elapsed, sum) = (self.elapsed_ms, self.sum_ms);
        writeln!(out, "\n{elapsed:.2} ms in all, for three sources that took {sum:.2} ms together.")
    }

    fn print_results(&self, out: &mut String, limit: usize) -> fmt::Result {
        if self.interrupted {
            return Ok(());
        }
        if self.results.is_empty() {
            return writeln!(out, "Nothing was found.\n");
        }
        let width = Term::stdout().size_checked().map_or(110, |(_, columns)| usize::from(columns).max(60));
        writeln!(out, "{}", style(" #  score  found by            title").dim())?;
        for line in self.results.iter().take(limit) {
            let sources: Vec<_> = line.sources.iter().map(|source| source.name()).collect();
            let sources = pad_str(&sources.join(" "), 18, Alignment::Left, None).into_owned();
            let title = truncate_str(&line.title, width - 31, "…");
            writeln!(out, "{:>2}  {:>5.2}  {sources}  {}", line.rank, line.score, style(title).bold())?;
            writeln!(out, "{:31}{}", "", truncate_str(&line.snippet, width - 31, "…"))?;
        }
        let more = self.results.len().saturating_sub(limit);
        if more > 0 {
            writeln!(out, "    and {more} more: --limit {}", self.results.len())?;
        }
        writeln!(out)
    }

    fn print_sources(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "{}", style("source  weight  found        took").dim())?;
        for fared in &self.sources {
            let Fared { source, weight, found, took_ms, outcome, errors } = fared;
            let name = source.name();
            let outcome = match outcome {
                Outcome::Answered => String::new(),
                Outcome::AnsweredAfterRetry => format!("failed {}, then answered", times(errors.len())),
                Outcome::ReplacedByNothing => format!("failed {}: an empty list instead", times(errors.len())),
                Outcome::Failed => "failed: the others went on without it".to_owned(),
                Outcome::NotFinished => "not finished".to_owned(),
            };
            let found = found.map_or("-".to_owned(), |found| found.to_string());
            let took = took_ms.map_or("-".to_owned(), |ms| format!("{ms:.2} ms"));
            let line = format!("{name:<6}  {weight:>6.2}  {found:>5}  {took:>10}  {outcome}");
            writeln!(out, "{}", line.trim_end())?;
            let mut said = "";
            for error in errors {
                // The attempts often fail alike.
                if error.message() != said {
                    writeln!(out, "{:35}{} ({})", "", error.message(), error.kind().name())?;
                }
                said = error.message();
            }
        }
        Ok(())
    }
}

fn times(times: usize) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The sentence with most of the wanted terms; of equals, the first.
fn snippet(text: &str, wanted: &BTreeSet<String>) -> String {
    let having = |sentence: &&str| terms(sentence).collect::<BTreeSet<_>>().intersection(wanted).count();
    let best = text.split_inclusive(['.', '?', '!']).rev().max_by_key(having);
    best.unwrap_or(text).trim().to_owned()
}
