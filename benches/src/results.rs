//! The figures, as `RESULTS.md`.

use crate::{
    case::{CATENA, Case},
    comparison,
    measure::Measured,
    plot,
    python::Python,
    service::Comparison,
};
use std::{error::Error, fmt::Write, fs, path::Path, process::Command};

/// The cases of a group, with what was measured.
pub type Group = (&'static str, Vec<(Case, Vec<Measured>)>);

/// A case as a table.
pub fn table(group: &str, case: &Case, figures: &[Measured]) -> String {
    let mut text = format!("\n**{group}: {}**", case.name);
    if let Some(goal) = case.goal {
        let _ = write!(text, " (goal: at most {goal})");
    }
    text += "\n\n| | time | in parts of the first, and the middle half of the rounds | allocations | bytes | instructions | in parts |\n\
             |---|---:|---:|---:|---:|---:|---:|\n";
    for figure in figures {
        let [median, low, high] = figure.ratio;
        let counted = |figure: Option<f64>| figure.map_or_else(|| "-".to_owned(), grouped);
        let of_first = figures[0].instructions.zip(figure.instructions).map(|(first, its)| its / first);
        let of_first = of_first.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        let _ = writeln!(
            text,
            "| {} | {} | {median:.2} ({low:.2} to {high:.2}) | {} | {} | {} | {of_first} |",
            figure.who,
            time(figure.nanoseconds),
            counted(figure.allocations),
            counted(figure.bytes),
            counted(figure.instructions),
        );
    }
    if !case.without.is_empty() {
        let without: Vec<String> = case.without.iter().map(|(who, why)| format!("{who} ({why})")).collect();
        let _ = write!(text, "\nWithout {}.\n", without.join("; "));
    }
    text
}

/// Nanoseconds as one reads them.
pub fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.1} ns"),
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n if n < 1e9 => format!("{:.2} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

/// A number, its thousands apart.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn grouped(number: f64) -> String {
    let digits = (number.round() as u64).to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `RESULTS.md`, and a plot for each group.
pub fn write(groups: &[Group], services: &[Comparison], rounds: usize, python: &Python) -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(here.join("plots"))?;
    let mut text = format!(
        "# What it costs\n\nWritten by `cargo run --release` in this folder: all figures are of one run, in one process, in {rounds} rounds \
         in which all take turns. Times change with what else the machine does; compare the parts, which are of the same round, \
         and the instructions, which valgrind counts, but for calls of more than two seconds. What is allocated is counted, not guessed. All contenders of a \
         case have to give the same answer before anything is timed.\n\nClients of models are measured by a program of their own: \
         [wire/RESULTS.md](wire/RESULTS.md).\n\n{}\n",
        machine()
    );
    text += &comparison::peers(python);
    for (group, cases) in groups {
        let file = format!("plots/{}.svg", group.to_lowercase());
        let bars: Vec<plot::Bars> = cases.iter().map(bars).collect();
        plot::draw(&here.join(&file), &format!("{group}: time in parts of the first of each case"), &bars)?;
        let _ = write!(text, "\n## {group}\n\n![{group}, in parts of the time by hand]({file})\n");
        for (case, figures) in cases {
            text += &table(group, case, figures);
        }
    }
    if !services.is_empty() {
        let bars: Vec<plot::Bars> = services.iter().flat_map(Comparison::bars).collect();
        plot::draw(&here.join("plots/services.svg"), "Services: each figure in parts of the first's", &bars)?;
        text += "\n## Services\n\n![Services, in parts of what it is by hand](plots/services.svg)\n";
        services.iter().for_each(|comparison| text += &comparison.table());
    }
    text += &goals(groups);
    if !services.is_empty() {
        text += "\n| in services | goal | in parts |\n|---|---:|---:|\n";
        services.iter().for_each(|comparison| text += &comparison.goals());
    }
    text += &comparison::faster(groups);
    fs::write(here.join("RESULTS.md"), text)?;
    Ok(())
}

fn bars((case, figures): &(Case, Vec<Measured>)) -> plot::Bars {
    (case.name.to_owned(), figures.iter().map(|figure| (figure.who, figure.ratio[0])).collect())
}

/// Where the goals were met, and where not.
fn goals(groups: &[Group]) -> String {
    let mut text = String::from("\n## Goals\n\n| case | at most | time | instructions |\n|---|---:|---:|---:|\n");
    for (group, cases) in groups {
        for (case, figures) in cases {
            let (Some(goal), Some(ours)) = (case.goal, figures.iter().find(|figure| figure.who == CATENA)) else {
                continue;
            };
            let counted = figures[0].instructions.zip(ours.instructions).map(|(first, ours)| ours / first);
            let verdict = |ratio: f64| format!("{ratio:.2}{}", if ratio > goal { ", missed" } else { "" });
            let counted = counted.map_or_else(|| "-".to_owned(), verdict);
            let _ = writeln!(text, "| {group}: {} | {goal} | {:.2} | {counted} |", case.name, ours.ratio[0]);
        }
    }
    text
}

/// What it ran on.
fn machine() -> String {
    let version = Command::new("rustc").arg("--version").output().ok();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{version}, {} {}, {cores} cores; release with thin LTO and one codegen unit.",
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}
