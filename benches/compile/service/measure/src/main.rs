//! What the two services cost to compile: `cargo run -p service-measure`, in `benches/compile/service/`.
//!
//! `-- --rounds 5` times each build more often than three times. `-- --hold` fails where Catena's service is above a ceiling.
//!
//! Both services are copied first, so that no file here changes. Everything that they depend on is built before. Times are those
//! of the processor, user and system, of `rustc` and the linker for the service's own crate. The program reads them from `/proc`,
//! so it needs Linux. The services take turns. A time is the least of the rounds: more than that is what other work
//! on the machine adds.

mod builds;
mod ceilings;
mod copy;
mod ir;
mod table;
mod wrapper;

use builds::Builds;
use ceilings::Ceiling;
use copy::Copy;
use std::{error::Error, process::ExitCode};
use table::{Row, Table};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What is compared: the first is what the second is measured by.
const SERVICES: [Service; 2] = [
    Service { title: "by hand", name: "service-by-hand", directory: "by_hand", chain: "async fn compare(" },
    Service { title: "Catena", name: "service-catena", directory: "catena", chain: "pub(crate) fn chain(" },
];

/// One of the two crates.
struct Service {
    /// What the table calls it.
    title: &'static str,
    /// The name of the package.
    name: &'static str,
    /// Where the package is in the workspace.
    directory: &'static str,
    /// How the line begins in `compare.rs` that gets a comment above it.
    chain: &'static str,
}

fn main() -> ExitCode {
    // Cargo calls this program in place of the compiler, too.
    if let Some(code) = wrapper::run() {
        return code;
    }
    match measure() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<ExitCode> {
    let (mut rounds, mut hold) = (3_usize, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().ok_or("`--rounds` needs a number")?.parse::<usize>()?.max(1),
            "--hold" => hold = true,
            other => return Err(format!("there is no option `{other}`").into()),
        }
    }
    let copy = Copy::new()?;
    let builds = Builds::new(&copy)?;
    let clean = least(rounds, || each(|service| builds.clean(service)))?;
    let binaries = each(|service| builds.binary(service))?;
    let irs = each(|service| builds.ir(service))?;
    each(|service| builds.incremental(service))?;
    let commented = least(rounds, || {
        each(|service| {
            copy.comment(service)?;
            builds.incremental(service)
        })
    })?;
    let lines = each(|service| copy.lines(service))?;

    let ir_lines = irs.map(|ir| ir.lines);
    let table = Table::new([
        Row::count("lines of source", lines),
        Row::seconds("clean debug build", clean).held(Ceiling::Ratio(ceilings::CLEAN_BUILD)),
        Row::seconds("debug build after a comment line", commented).held(Ceiling::Ratio(ceilings::AFTER_A_COMMENT)),
        Row::count("lines of LLVM IR", ir_lines).held(Ceiling::Count(ceilings::IR_LINES)),
        Row::count("functions in LLVM IR", irs.map(|ir| ir.functions)),
        Row::megabytes("debug binary", binaries),
    ]);
    println!("{table}\n{}", how(rounds));
    let above = table.above();
    if hold && !above.is_empty() {
        eprintln!("error: above the ceiling: {}", above.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// How it was measured.
fn how(rounds: usize) -> String {
    format!(
        "Seconds are processor time, user and system, of rustc and the linker for the crate alone: dependencies are built.\n\
         Each is the least of {rounds} rounds, in which the services take turns. Builds are of cargo's debug profile as it is,\n\
         with full debug information. Clean: CARGO_INCREMENTAL=0. After a comment line above `{}` or `{}` in\n\
         `compare.rs`: CARGO_INCREMENTAL=1. LLVM IR: -Cdebuginfo=0 -Ccodegen-units=1, instructions in bodies of functions,\n\
         before any optimisation. The services are those of this directory, copied.",
        SERVICES[0].chain.trim_end_matches('('),
        SERVICES[1].chain.trim_end_matches('('),
    )
}

/// The same for both services, in their order.
fn each<T>(mut of: impl FnMut(&Service) -> Result<T>) -> Result<[T; 2]> {
    Ok([of(&SERVICES[0])?, of(&SERVICES[1])?])
}

/// The least times of both, over so many rounds.
fn least(rounds: usize, mut round: impl FnMut() -> Result<[f64; 2]>) -> Result<[f64; 2]> {
    let mut least = round()?;
    for _ in 1..rounds {
        let times = round()?;
        least = [0, 1].map(|service| times[service].min(least[service]));
    }
    Ok(least)
}
