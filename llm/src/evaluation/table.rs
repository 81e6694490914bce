//! A report as a table for a terminal.

use super::{Report, report::CaseReport};
use catena::__private::visible;
use std::fmt;

/// The longest cell, in characters.
const WIDEST: usize = 40;

pub(super) fn write(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rows = vec![header(report)];
    rows.extend(report.cases().iter().map(|case| row(report, case)));
    rows.push(means(report));
    let columns = rows[0].len();
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default())
        .collect();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
            0 | 1 => format!("{cell:width$}"),
            _ => format!("{cell:>width$}"),
        });
        writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    for case in report.cases() {
        if let Some(error) = &case.error {
            writeln!(f, "{}: {}", visible(&case.id), visible(error))?;
        }
    }
    Ok(())
}

fn header(report: &Report) -> Vec<String> {
    let mut cells = vec![short(report.name()), String::new()];
    cells.extend(report.scorers().iter().map(|name| short(name)));
    cells.extend(["time", "tokens", "cost"].map(str::to_owned));
    cells
}

fn row(report: &Report, case: &CaseReport) -> Vec<String> {
    let mut cells = vec![short(&case.id), if case.passed() { "passed" } else { "FAILED" }.to_owned()];
    cells.extend(report.scorers().iter().map(|name| number(case.scores.get(name).map(super::Score::value))));
    cells.extend([format!("{:.2} s", case.seconds), case.tokens.to_string(), dollars(case.cost)]);
    cells
}

fn means(report: &Report) -> Vec<String> {
    let mut cells = vec!["in all".to_owned(), format!("{} of {}", report.passed(), report.cases().len())];
    cells.extend(report.scorers().iter().map(|name| number(report.mean(name))));
    let seconds: f64 = report.cases().iter().map(|case| case.seconds).sum();
    let tokens: u64 = report.cases().iter().map(|case| case.tokens).sum();
    cells.extend([format!("{seconds:.2} s"), tokens.to_string(), dollars(report.cost())]);
    cells
}

/// A score, or a mean of them.
pub(super) fn number(score: Option<f64>) -> String {
    score.map_or_else(|| "-".to_owned(), |score| format!("{score:.2}"))
}

pub(super) fn dollars(cost: Option<f64>) -> String {
    cost.map_or_else(|| "-".to_owned(), |cost| format!("${cost:.5}"))
}

fn short(text: &str) -> String {
    let text = visible(text);
    if text.chars().count() <= WIDEST {
        text.into_owned()
    } else {
        text.chars().take(WIDEST - 1).chain(['…']).collect()
    }
}
