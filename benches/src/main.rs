//! What Catena costs, beside the same by hand and by others, in one run: `cargo run --release`, here in `benches/`. It writes
//! `RESULTS.md`, the plots beside it, and the figures in the project's README.
//!
//! ```text
//! cargo run --release                      all of it
//! cargo run --release -- maps              only groups and cases with this in their names, and nothing is written
//! cargo run --release -- --rounds 30       more rounds than 15
//! cargo run --release -- --no-instructions without valgrind, which takes the longest
//! cargo run --release -- --no-python       without LangChain in Python
//! cargo run --release --features peers     with those peers, too, that bring hundreds of crates and want OpenSSL
//! ```

// For the type of rig's hundred steps; chains need none, see `tests/tests/scale.rs`.
#![recursion_limit = "2048"]

mod case;
mod cases;
mod comparison;
mod instructions;
mod measure;
mod peers;
mod plot;
mod python;
mod readme;
mod results;
mod service;
mod steps;

use python::Python;
use service::Settings;
use std::{error::Error, process::ExitCode};

struct Arguments {
    rounds: usize,
    instructions: bool,
    python: bool,
    only: Option<String>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut arguments = Arguments { rounds: 15, instructions: true, python: true, only: None };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--rounds" => arguments.rounds = words.next().ok_or("`--rounds` needs a number")?.parse()?,
                "--no-instructions" => arguments.instructions = false,
                "--no-python" => arguments.python = false,
                option if option.starts_with('-') => return Err(format!("there is no option `{option}`").into()),
                name => arguments.only = Some(name.to_lowercase()),
            }
        }
        if arguments.rounds == 0 {
            return Err("`--rounds` is at least 1".into());
        }
        Ok(arguments)
    }

    fn wants(&self, group: &str, case: &str) -> bool {
        let has = |name: &str, only: &String| name.to_lowercase().contains(only);
        self.only.as_ref().is_none_or(|only| has(group, only) || has(case, only))
    }
}

/// One contender, so many times: what valgrind looks at.
fn run_one(case: &str, who: &str, times: &str) -> ExitCode {
    let cases = cases::all().into_iter().flat_map(|(_, cases)| cases);
    let found =
        cases.filter(|known| known.name == case).flat_map(|known| known.contenders).find(|known| known.who == who);
    match (found, times.parse()) {
        (Some(contender), Ok(times)) => {
            (contender.run)(times);
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [run, case, who, times] = &words[..]
        && run == "run"
    {
        return Ok(run_one(case, who, times));
    }
    let arguments = Arguments::read(words.into_iter())?;
    let counting = arguments.instructions && instructions::can_count();
    if arguments.instructions && !counting {
        println!("SKIPPED: instructions, for valgrind is not here");
    }
    for peer in peers::list::ALL.iter().filter(|peer| !peer.here) {
        println!("SKIPPED: {}, for this program was built without it (`--features peers`)", peer.who);
    }
    let cases = cases::all();
    let wanted = cases.iter().flat_map(|(group, cases)| cases.iter().map(move |case| (*group, case.name)));
    let wanted: Vec<_> = wanted.filter(|(group, case)| arguments.wants(group, case)).collect();
    let python = if arguments.python { Python::run(&wanted, arguments.rounds)? } else { Python::not_asked() };
    if let Some(why) = &python.skipped {
        println!("SKIPPED: LangChain in Python, for {why}");
    }
    let mut groups = Vec::new();
    for (group, cases) in cases {
        let mut measured = Vec::new();
        for mut case in cases.into_iter().filter(|case| arguments.wants(group, case.name)) {
            case.without.extend(python.without(group, case.name));
            let mut wrong = case.wrong(peers::list::is_peer);
            wrong.extend(python.wrong(group, &case));
            if !wrong.is_empty() {
                return Err(wrong.join("\n").into());
            }
            let mut figures = measure::measure(&case, arguments.rounds);
            if counting {
                for figure in figures.iter_mut().filter(|figure| figure.nanoseconds < instructions::TOO_SLOW) {
                    figure.instructions = instructions::of_a_call(case.name, figure.who, case.units);
                }
            }
            let rows = python.figures(group, case.name, figures[0].nanoseconds);
            figures.extend(rows);
            print!("{}", results::table(group, &case, &figures));
            measured.push((case, figures));
        }
        if !measured.is_empty() {
            groups.push((group, measured));
        }
    }
    let wants = |case: &str| arguments.wants("services", case);
    let services = service::all(&Settings { rounds: arguments.rounds, instructions: counting, wants: &wants });
    if arguments.only.is_none() {
        results::write(&groups, &services, arguments.rounds, &python)?;
        readme::write(&groups)?;
    }
    Ok(ExitCode::SUCCESS)
}
