//! Figures of several kinds, of contenders who take turns.

use crate::{
    case::CATENA,
    measure::quantile,
    results::{grouped, time},
};
use std::fmt::Write;

/// What a figure is in.
#[derive(Clone, Copy)]
pub enum Unit {
    Nanoseconds,
    Bytes,
    /// Of requests or runs: more is better.
    PerSecond,
    Instructions,
}

/// One kind of figure.
pub struct Metric {
    pub name: &'static str,
    pub unit: Unit,
    /// By contender and round. What is counted needs one round.
    pub samples: Vec<Vec<f64>>,
    /// What Catena's part of the first contender's should be at most; at least, where more is better.
    pub goal: Option<f64>,
}

/// Contenders side by side, the first of them the one by hand.
pub struct Comparison {
    pub name: String,
    /// What is done, and how it is measured.
    pub note: String,
    pub contenders: Vec<&'static str>,
    pub metrics: Vec<Metric>,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Unit::Nanoseconds => time(value),
            Unit::Bytes => format!("{} B", grouped(value)),
            Unit::PerSecond | Unit::Instructions => grouped(value),
        }
    }
}

impl Metric {
    pub fn new(name: &'static str, unit: Unit, samples: Vec<Vec<f64>>) -> Self {
        Metric { name, unit, samples, goal: None }
    }

    pub fn goal(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self
    }

    /// In parts of the first contender's in the same round: the median, a quarter below, a quarter above.
    pub fn ratio(&self, contender: usize) -> [f64; 3] {
        let ratios: Vec<f64> =
            self.samples[contender].iter().zip(&self.samples[0]).map(|(its, first)| its / first).collect();
        [0.5, 0.25, 0.75].map(|at| quantile(&ratios, at))
    }

    fn cell(&self, contender: usize) -> String {
        let samples = &self.samples[contender];
        if samples.is_empty() {
            return "-".to_owned();
        }
        let ([median, low, high], value) = (self.ratio(contender), self.unit.show(quantile(samples, 0.5)));
        match (contender, samples.len()) {
            (0, _) => value,
            (_, 1) => format!("{value}, {median:.3}"),
            _ => format!("{value}, {median:.3} ({low:.3} to {high:.3})"),
        }
    }

    /// The goal in words, and whether Catena meets it.
    fn verdict(&self, contenders: &[&'static str]) -> Option<(String, String)> {
        let (goal, ours) = (self.goal?, contenders.iter().position(|who| *who == CATENA)?);
        let [ratio, ..] = self.ratio(ours);
        let (word, met) =
            if matches!(self.unit, Unit::PerSecond) { ("at least", ratio >= goal) } else { ("at most", ratio <= goal) };
        Some((format!("{word} {goal}"), format!("{ratio:.3}{}", if met { "" } else { ", missed" })))
    }
}

impl Comparison {
    /// As a table: a line for each contender.
    pub fn table(&self) -> String {
        let mut text = format!("\n**{}**\n\n{}\n\n|", self.name, self.note);
        for metric in &self.metrics {
            let _ = write!(text, " | {}", metric.name);
        }
        let _ = writeln!(text, " |\n|---|{}", "---:|".repeat(self.metrics.len()));
        for (at, who) in self.contenders.iter().enumerate() {
            let cells: Vec<String> = self.metrics.iter().map(|metric| metric.cell(at)).collect();
            let _ = writeln!(text, "| {who} | {} |", cells.join(" | "));
        }
        text
    }

    /// The lines of its goals.
    pub fn goals(&self) -> String {
        let mut text = String::new();
        for metric in &self.metrics {
            if let Some((goal, verdict)) = metric.verdict(&self.contenders) {
                let _ = writeln!(text, "| {}: {} | {goal} | {verdict} |", self.name, metric.name);
            }
        }
        text
    }

    /// For the plot: each kind of figure, and the contenders' parts.
    pub fn bars(&self) -> Vec<(String, Vec<(&'static str, f64)>)> {
        let of = |metric: &Metric| -> Vec<(&'static str, f64)> {
            let measured = self.contenders.iter().enumerate().filter(|(at, _)| !metric.samples[*at].is_empty());
            measured.map(|(at, who)| (*who, metric.ratio(at)[0])).collect()
        };
        self.metrics.iter().map(|metric| (format!("{}: {}", self.name, metric.name), of(metric))).collect()
    }
}
