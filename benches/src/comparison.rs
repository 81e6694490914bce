//! The peers: which of what version, and where one of them is faster.

use crate::{
    case::CATENA,
    measure::Measured,
    peers::list::{ALL, is_peer},
    python::{self, Python},
    results::Group,
};
use std::fmt::Write;

/// Who they are, as a table.
pub fn peers(python: &Python) -> String {
    let mut text = String::from(
        "\n## Peers\n\nEach is used as its docs say; where it cannot do a case, a line under the table says so, and why.\n\n\
         | | package | version | what of it is used |\n|---|---|---|---|\n",
    );
    for peer in ALL {
        let version = peer.version().unwrap_or_else(|| "-".to_owned());
        let skipped = if peer.here { "" } else { "SKIPPED, for it was left out of this build: " };
        let _ = writeln!(text, "| {} | `{}` | {version} | {skipped}{} |", peer.who, peer.package, peer.used);
    }
    let used = match &python.skipped {
        Some(why) => format!("SKIPPED, for {why}"),
        None => format!("{}, on {}", python::USED, python.interpreter),
    };
    let _ = writeln!(text, "| LangChain | `langchain-core`, of PyPI | {} | {used} |", python.version);
    text
}

/// Whether this row is a peer's, or LangChain's.
fn counts(figure: &Measured) -> bool {
    is_peer(figure.who) || python::is_langchain(figure.who)
}

/// Each row of a peer that is faster than Catena's.
pub fn faster(groups: &[Group]) -> String {
    let (mut all, mut rows) = (0, String::new());
    for (group, cases) in groups {
        for (case, figures) in cases {
            let Some(ours) = figures.iter().find(|figure| figure.who == CATENA) else { continue };
            for figure in figures.iter().filter(|figure| counts(figure)) {
                all += 1;
                let time = figure.nanoseconds / ours.nanoseconds;
                if time < 1.0 {
                    let counted = figure.instructions.zip(ours.instructions).map(|(its, ours)| its / ours);
                    let counted = counted.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
                    let _ = writeln!(rows, "| {group}: {} | {} | {time:.2} | {counted} |", case.name, figure.who);
                }
            }
        }
    }
    let faster = rows.lines().count();
    let mut text = format!(
        "\n### Peers\n\nThe goal: faster than any peer in every case that it can do. Of {all} rows of peers, {faster} are faster than \
         Catena's{}\n",
        if faster == 0 { "." } else { ". In parts of Catena's:" }
    );
    if faster > 0 {
        text += "\n| case | peer | time | instructions |\n|---|---|---:|---:|\n";
        text += &rows;
    }
    text
}
