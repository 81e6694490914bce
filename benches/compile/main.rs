//! What chains cost to compile, beside the same written by hand: `cargo run --example compile`, here in `benches/`. Each figure
//! is a ratio of processor times taken in turn; a busy machine changes them little. The README here has the last ones.
//!
//! `cargo run --example compile -- chains` measures only what has `chains` in its name, and `-- --rounds 3` measures less often.
//! `-- --hold nested` fails if what is nested takes longer than it may.

mod compiler;
mod sources;

use compiler::{Compiler, Emit, clean_build, expanded_lines, seconds};
use std::{error::Error, path::Path};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let (mut rounds, mut only, mut hold) = (5_usize, None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().ok_or("`--rounds` needs a number")?.parse()?,
            "--hold" => hold = true,
            option if option.starts_with('-') => return Err(format!("there is no option `{option}`").into()),
            name => only = Some(name.to_owned()),
        }
    }
    let wanted = |name: &str| only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let compiler = Compiler::new(Path::new(env!("CARGO_MANIFEST_DIR")))?;

    for (name, sources) in [
        ("chains of shared steps", [sources::by_hand(false), sources::chains(false)]),
        ("chains of own steps", [sources::by_hand(true), sources::chains(true)]),
        ("maps of 12", [sources::joins(12), sources::maps(12)]),
        ("maps of 40", [sources::joins(40), sources::maps(40)]),
    ] {
        if wanted(name) {
            for emit in [Emit::Check, Emit::Build] {
                against_first(&format!("{name}, {emit}"), rounds, &sources, |source| compiler.time(source, emit))?;
            }
        }
    }
    if wanted("length") {
        for emit in [Emit::Check, Emit::Build] {
            let lengths = [0, 10, 30, 100];
            let sources = lengths.map(sources::long_chains);
            let times = in_turn(rounds, &sources, |source| compiler.time(source, emit))?;
            let empty = median(&times[0]);
            for (length, times) in lengths.iter().zip(&times).skip(1) {
                #[allow(clippy::cast_precision_loss)]
                let each = (median(times) - empty) / (*length as f64 * sources::LONG_CHAINS as f64);
                println!("length {length}, {emit}: {:.2} ms a step", each * 1000.0);
            }
        }
    }
    if wanted("nested") {
        nested(&compiler, rounds, hold)?;
    }
    if wanted("lines") {
        let none = expanded_lines(&compiler, &sources::steps_alone(0))?;
        let steps = expanded_lines(&compiler, &sources::steps_alone(100))?;
        println!("lines of a `#[runnable]` function: {:.1}", (steps - none) / 100.0);
        let [short, long] = [10, 30].map(|length| expanded_lines(&compiler, &sources::long_chains(length)));
        let each = (long? - short?) / (20.0 * sources::LONG_CHAINS as f64);
        println!("lines of a step in a chain: {each:.1}");
    }
    if wanted("clean build") {
        let manifests = [sources::manifest_without_catena(), sources::manifest_with_catena(compiler.catena())];
        against_first("clean build", rounds.min(3), &manifests, |manifest| clean_build(manifest))?;
    }
    Ok(())
}

/// What each further level of nesting costs. With `hold`, it is an error if the deepest takes more than 2.5 times as long as the
/// one before it, or over three seconds. The time of a crate with the step alone is taken off.
fn nested(compiler: &Compiler, rounds: usize, hold: bool) -> Result<()> {
    let mut too_long = Vec::new();
    for (how, depths) in sources::NESTED {
        let mut crates = vec![sources::nested("retries in a row", 0)];
        crates.extend(depths.map(|depth| sources::nested(how, depth)));
        let times: Vec<f64> = in_turn(rounds, &crates, |source| compiler.time(source, Emit::Build))?
            .iter()
            .map(|times| median(times))
            .collect();
        let own: Vec<f64> = times.iter().skip(1).map(|time| time - times[0]).collect();
        let said: Vec<String> = depths.iter().zip(&own).map(|(depth, time)| format!("{depth}: {}", seconds(*time))).collect();
        println!("nested, {how}: {}", said.join(", "));
        if let [.., before, last] = own[..]
            && (last > 2.5 * before || last > 3.0)
        {
            too_long.push(how);
        }
    }
    if hold && !too_long.is_empty() {
        return Err(format!("these take too long to compile when they are nested: {}", too_long.join(", ")).into());
    }
    Ok(())
}

/// The processor times of each variant, taken in turn: what slows the machine down slows all of them down.
fn in_turn<V>(rounds: usize, variants: &[V], time: impl Fn(&V) -> Result<f64>) -> Result<Vec<Vec<f64>>> {
    let mut times = vec![Vec::new(); variants.len()];
    for _ in 0..rounds {
        for (variant, times) in variants.iter().zip(&mut times) {
            times.push(time(variant)?);
        }
    }
    Ok(times)
}

/// Print the second variant's ratio to the first: the median of the rounds' ratios.
fn against_first<V>(name: &str, rounds: usize, variants: &[V; 2], time: impl Fn(&V) -> Result<f64>) -> Result<()> {
    let times = in_turn(rounds, variants, time)?;
    let ratios: Vec<f64> = times[0].iter().zip(&times[1]).map(|(first, second)| second / first).collect();
    println!(
        "{name}: {:.2} times as long ({} against {})",
        median(&ratios),
        seconds(median(&times[1])),
        seconds(median(&times[0])),
    );
    Ok(())
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
