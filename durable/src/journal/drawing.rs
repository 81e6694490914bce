//! A run, drawn from its journal: which step was done when, and by which process.

use super::info::{RunDetails, StepInfo, WaitInfo};
use std::{
    fmt,
    time::{Duration, SystemTime},
};

/// The columns of the time.
const WIDTH: usize = 32;

/// The most columns of a name.
const NAME: usize = 40;

impl fmt::Display for RunDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RunDetails { info, steps, waits, gone } = self;
        let mut processes: Vec<&str> = Vec::new();
        for step in steps {
            if !processes.contains(&&*step.process) {
                processes.push(&step.process);
            }
        }
        write!(f, "{} · {} · {} steps by {} processes", info.id, info.state, steps.len(), processes.len())?;
        let usage = self.usage();
        if usage.calls > 0 {
            write!(f, " · {} tokens in, {} out", usage.input_tokens, usage.output_tokens)?;
        }
        writeln!(f)?;
        let scale = Scale::of(steps, waits);
        let width = steps.iter().map(|step| &step.key).chain(waits.iter().map(|wait| &wait.key));
        let width = width.map(|key| key.chars().count()).max().unwrap_or_default().min(NAME);
        for step in steps {
            let took = step.finished.duration_since(step.started).unwrap_or_default();
            let mark = if step.failed { " failed" } else { "" };
            writeln!(
                f,
                "  {:width$}  {}  {:>8}  {}{mark}{}",
                shortened(&step.key),
                scale.bar(step.started, step.finished, '█'),
                seconds(took),
                step.process,
                if gone.contains(&step.key) { " (gone from the chain)" } else { "" },
            )?;
        }
        for wait in waits {
            let end = wait.answered.or(wait.until).unwrap_or(scale.end);
            let state = match (wait.until, &wait.answer) {
                (Some(_), _) => "a time",
                (None, Some(_)) => "answered",
                (None, None) => "waits for an answer",
            };
            writeln!(f, "  {:width$}  {}  {state}", shortened(&wait.key), scale.bar(wait.since, end, '·'))?;
        }
        match &info.error {
            Some(error) => writeln!(f, "  {error}"),
            None => Ok(()),
        }
    }
}

/// The time that is drawn.
struct Scale {
    start: SystemTime,
    end: SystemTime,
}

impl Scale {
    fn of(steps: &[StepInfo], waits: &[WaitInfo]) -> Self {
        let starts = steps.iter().map(|step| step.started).chain(waits.iter().map(|wait| wait.since));
        let ends = steps.iter().map(|step| step.finished);
        let ends = ends.chain(waits.iter().map(|wait| wait.answered.or(wait.until).unwrap_or(wait.since)));
        let start = starts.min().unwrap_or(SystemTime::UNIX_EPOCH);
        Scale { start, end: ends.max().unwrap_or(start).max(start) }
    }

    /// The column of a time.
    fn column(&self, time: SystemTime) -> usize {
        let whole = self.end.duration_since(self.start).unwrap_or_default().as_millis();
        let part = time.duration_since(self.start).unwrap_or_default().as_millis().min(whole);
        // Of at most so many columns.
        usize::try_from(part * (WIDTH as u128 - 1) / whole.max(1)).unwrap_or(WIDTH - 1)
    }

    fn bar(&self, from: SystemTime, to: SystemTime, mark: char) -> String {
        let (first, last) = (self.column(from), self.column(to));
        (0..WIDTH).map(|column| if (first..=last.max(first)).contains(&column) { mark } else { ' ' }).collect()
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

/// The end of a long key: that is where its name stands.
fn shortened(key: &str) -> String {
    let length = key.chars().count();
    if length <= NAME {
        return key.to_owned();
    }
    let end: String = key.chars().skip(length + 1 - NAME).collect();
    format!("…{end}")
}
