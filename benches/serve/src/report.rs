//! The figures as a page.

use crate::{machine::machine, server::PAUSE};
use std::fmt::Write as _;

/// What was measured of a server, each figure once a round.
pub struct Measured {
    which: String,
    /// Nanoseconds on a processor for an answer.
    pub processor: Vec<f64>,
    pub per_second: Vec<f64>,
    /// Nanoseconds until the first piece, of one client at a time and of 32.
    pub first: Vec<f64>,
    pub first_of_many: Vec<f64>,
    /// Bytes.
    pub memory: Option<f64>,
}

impl Measured {
    pub fn new(which: &str) -> Self {
        Measured {
            which: which.to_owned(),
            processor: Vec::new(),
            per_second: Vec::new(),
            first: Vec::new(),
            first_of_many: Vec::new(),
            memory: None,
        }
    }

    fn name(&self) -> &str {
        match &*self.which {
            "hand" => "a handler by hand",
            "layered" => "a handler by hand, with layers",
            "doors" => "Catena's door",
            "resumable" => "Catena's door, resumable",
            "langserve" => "LangServe",
            other => other,
        }
    }
}

pub struct Page(String);

impl Page {
    pub fn new() -> Self {
        Page(format!("{INTRO}\n{}\n", machine()))
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    /// A table of answers, in parts of the first server's in the same round.
    pub fn table(&mut self, title: &str, of: &str, all: &[Measured]) {
        let _ = writeln!(self.0, "\n## {title}\n\n| | processor time of a {of} | in parts | {of}s a second |\n|---|---:|---:|---:|");
        for measured in all {
            let parts = measured.processor.iter().zip(&all[0].processor).map(|(its, first)| its / first).collect();
            let [median, low, high] = quartiles(parts);
            let _ = writeln!(
                self.0,
                "| {} | {:.1} µs | {median:.2} ({low:.2} to {high:.2}) | {:.0} |",
                measured.name(),
                quartiles(measured.processor.clone())[0] / 1000.0,
                quartiles(measured.per_second.clone())[0],
            );
        }
    }

    pub fn memory(&mut self, streams: usize, all: &[Measured]) {
        let _ = writeln!(self.0, "\n## {streams} streams that wait\n\n| | memory of each | in parts |\n|---|---:|---:|");
        let first = all[0].memory.unwrap_or_default();
        for measured in all {
            let memory = measured.memory.unwrap_or_default();
            let _ = writeln!(self.0, "| {} | {:.1} KiB | {:.2} |", measured.name(), memory / 1024.0, memory / first);
        }
    }

    pub fn langserve(&mut self, all: &[Measured]) {
        let _ = writeln!(
            self.0,
            "\n## A prompt, a model and a parser\n\nThe model is the simulator of OpenAI's protocol, in a process of its own, which \
             waits {PAUSE:?} before each piece. LangServe's chain is `ChatPromptTemplate | ChatOpenAI | StrOutputParser`, by one \
             worker of uvicorn.\n\n| | `invoke` a second, 32 clients | processor time of an `invoke` | first piece, one client | first \
             piece, 32 clients | memory after it |\n|---|---:|---:|---:|---:|---:|"
        );
        for measured in all {
            let figures = [&measured.per_second, &measured.processor, &measured.first, &measured.first_of_many];
            let [per_second, processor, first, many] = figures.map(|figures| quartiles(figures.clone())[0]);
            let _ = writeln!(
                self.0,
                "| {} | {per_second:.0} | {:.2} ms | {:.1} ms | {:.1} ms | {:.1} MiB |",
                measured.name(),
                processor / 1e6,
                first / 1e6,
                many / 1e6,
                measured.memory.unwrap_or_default() / 1024.0 / 1024.0,
            );
        }
    }
}

/// The median, the lower quartile and the upper one.
fn quartiles(mut figures: Vec<f64>) -> [f64; 3] {
    figures.sort_by(f64::total_cmp);
    [2, 1, 3].map(|quarter| figures[(figures.len() - 1) * quarter / 4])
}

const INTRO: &str = "# What serving chains costs\n\n\
    Written by `cargo run --release -p catena-bench-serve`: all figures are of one run on one machine. Each server is a process of its \
    own with one thread, and so are the clients, which check each answer; the servers of a table run side by side and take turns in 9 \
    rounds. Processor time is that of the server, in the program and in the system. *In parts* is the median of the rounds' ratios to \
    the first row, with the middle half of them.\n\n\
    *By hand* is an axum handler that reads JSON, calls the same chain and writes JSON or server-sent events, and nothing else. *With \
    layers*, it has those of `tower-http` for what a door does by itself: limits of runs and of bodies, a deadline, a request's identity and \
    span, and panics that are caught.\n\n\
    The goals, beside the handler by hand: a request at most 1.05, a stream at most 1.1. [Where the rest goes](../README.md#what-serving-chains-costs).\n";
