//! The figures that matter most, in the project's README and its translation, between two marks: from the same run as `RESULTS.md`.

use crate::{
    case::{BY_HAND, CATENA, Case},
    measure::Measured,
    peers::list::is_peer,
    python,
    results::{Group, time},
};
use std::{error::Error, fmt::Write, fs, path::Path};

const BEGIN: &str = "<!-- figures of benches/RESULTS.md: begin -->";
const END: &str = "<!-- figures of benches/RESULTS.md: end -->";

/// The cases in it.
const SHOWN: [&str; 6] = [
    "3 ready steps",
    "3 steps that wait once",
    "3 ready branches",
    "a retry that is not needed",
    "1,000,000 inputs, 100 at a time, as completed",
    "1,000 chunks through 10 steps",
];

pub fn write(groups: &[Group]) -> Result<(), Box<dyn Error>> {
    // In both languages.
    for file in ["../README.md", "../README.zh.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let readme = fs::read_to_string(&path)?;
        let between = readme.split_once(BEGIN).zip(readme.split_once(END));
        let ((before, _), (_, after)) = between.ok_or_else(|| format!("{file} has no place for the figures"))?;
        fs::write(path, format!("{before}{BEGIN}\n{}{END}{after}", table(groups)))?;
    }
    Ok(())
}

fn table(groups: &[Group]) -> String {
    let mut text = String::from(
        "| | by hand | Catena | in instructions | allocations, and by hand | the fastest peer | LangChain in Python |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
    );
    for (case, figures) in groups.iter().flat_map(|(_, cases)| cases).filter(|(case, _)| SHOWN.contains(&case.name)) {
        text += &row(case, figures).unwrap_or_default();
    }
    text
}

/// Times in parts of that by hand.
fn row(case: &Case, figures: &[Measured]) -> Option<String> {
    let of = |who: &str| figures.iter().find(|figure| figure.who == who);
    let (hand, ours) = (of(BY_HAND)?, of(CATENA)?);
    let parts = |ratio: f64| if ratio < 100.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") };
    let fastest = |figures: &mut dyn Iterator<Item = &Measured>| {
        let fastest = figures.min_by(|a, b| a.ratio[0].total_cmp(&b.ratio[0]))?;
        Some((fastest.who, parts(fastest.ratio[0])))
    };
    let peer = fastest(&mut figures.iter().filter(|figure| is_peer(figure.who)));
    let python = fastest(&mut figures.iter().filter(|figure| python::is_langchain(figure.who)));
    let instructions = hand.instructions.zip(ours.instructions).map(|(hand, ours)| parts(ours / hand));
    let count = |count: Option<f64>| count.map_or_else(|| "-".to_owned(), |count| format!("{count:.0}"));
    let mut row = String::new();
    let _ = writeln!(
        row,
        "| {} | {} | {} | {} | {}, {} | {} | {} |",
        case.name,
        time(hand.nanoseconds),
        parts(ours.ratio[0]),
        instructions.unwrap_or_else(|| "-".to_owned()),
        count(ours.allocations),
        count(hand.allocations),
        peer.map_or_else(|| "-".to_owned(), |(who, parts)| format!("{who} {parts}")),
        python.map_or_else(|| "-".to_owned(), |(_, parts)| parts),
    );
    Some(row)
}
