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
    // Each with what it needs and no more: a chain needs more of tokio.
    let by_hand = child::built(PACKAGE, "minimal_by_hand", &STRIPPED)?;
    let chain = child::built(PACKAGE, "minimal_chain", &[&["--features", "chain"], &STRIPPED[..]].concat())?;
    let programs = [by_hand, chain];
    let [one, other] = programs.each_ref().map(|program| child::said(&mut Command::new(program)));
    let (one, other) = (one?, other?);
    if one != other {
        return Err(format!("the chain says {other}, by hand it is {one}"));
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
            "Without symbols, each with what it needs of tokio, whose runtime of one thread both start. {STARTS} starts a round."
        ),
        contenders: vec![BY_HAND, CATENA],
        metrics,
    }])
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
