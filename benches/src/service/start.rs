//! The smallest program with a chain, beside the same by hand: how long it takes from its start to its end, and how large it is.

use super::{Comparison, Metric, Settings, Unit, child};
use crate::{
    case::{BY_HAND, CATENA},
    instructions,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

pub const NAME: &str = "a minimal program";
const PACKAGE: &str = "catena-bench-minimal";
const STRIPPED: [&str; 3] = ["--", "-C", "strip=symbols"];
/// So many starts are one sample.
const STARTS: u32 = 40;

#[allow(clippy::cast_precision_loss)]
pub fn compare(settings: &Settings<'_>) -> Result<Vec<Comparison>, String> {
    let features = [&["--features", "chain"], &STRIPPED[..]].concat();
    let by_hand = kept(child::built(PACKAGE, "minimal_by_hand", &STRIPPED)?)?;
    let with_tokio = child::built(PACKAGE, "minimal_by_hand", &features)?;
    let chain = child::built(PACKAGE, "minimal_chain", &features)?;
    let programs = [by_hand, chain, with_tokio];
    let answers: Result<Vec<String>, _> =
        programs.iter().map(|program| child::said(&mut Command::new(program))).collect();
    let answers = answers?;
    if answers.iter().any(|answer| *answer != answers[0]) {
        return Err(format!("they do not say the same: {answers:?}"));
    }
    let mut times = vec![Vec::new(); programs.len()];
    for round in 0..settings.rounds {
        for turn in 0..programs.len() {
            let which = (round + turn) % programs.len();
            times[which].push(start(&programs[which])?);
        }
    }
    let size = |program: &PathBuf| fs::metadata(program).map(|file| vec![file.len() as f64]);
    let sizes: Result<Vec<_>, _> = programs.iter().map(size).collect();
    let mut metrics = vec![
        Metric::new("from start to end", Unit::Nanoseconds, times),
        Metric::new("size", Unit::Bytes, sizes.map_err(|error| error.to_string())?),
    ];
    if settings.instructions {
        let counted: Option<Vec<_>> = programs.iter().map(|program| Some(vec![instructions_of(program)?])).collect();
        metrics.push(Metric::new("instructions", Unit::Instructions, counted.ok_or("valgrind counts nothing")?));
    }
    Ok(vec![Comparison {
        name: format!("{NAME} of 3 steps"),
        note: format!(
            "Without symbols, with a tokio runtime of one thread; {STARTS} starts a round. By hand tokio is built with `rt` alone, a \
             chain needs more of it: the last is by hand, with tokio built as for the chain."
        ),
        contenders: vec![BY_HAND, CATENA, "by hand, tokio as for a chain"],
        metrics,
    }])
}

/// Under another name, for the next build writes over it.
fn kept(program: PathBuf) -> Result<PathBuf, String> {
    let copy = program.with_file_name("minimal_by_hand_alone");
    fs::copy(program, &copy).map_err(|error| error.to_string())?;
    Ok(copy)
}

/// Nanoseconds from the start of the process to its end.
#[allow(clippy::cast_precision_loss)]
fn start(program: &Path) -> Result<f64, String> {
    let begun = Instant::now();
    for _ in 0..STARTS {
        child::said(&mut Command::new(program))?;
    }
    Ok(begun.elapsed().as_nanos() as f64 / f64::from(STARTS))
}

#[allow(clippy::cast_precision_loss)]
fn instructions_of(program: &Path) -> Option<f64> {
    let output = instructions::counting(program).output().ok()?;
    instructions::said(&String::from_utf8_lossy(&output.stderr)).map(|count| count as f64)
}
