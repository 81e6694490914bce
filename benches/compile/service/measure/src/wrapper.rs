//! This program in place of the compiler: it runs the compiler, and writes down how much processor time that took.
//!
//! Cargo calls it for the crates of the workspace alone (`RUSTC_WORKSPACE_WRAPPER`). So neither the time of cargo itself nor that
//! of other crates counts.

use crate::Result;
use std::{fs, io::Write, process::Command, process::ExitCode};

/// The variable with the name of the file that the times go into.
pub(crate) const TIMES: &str = "SERVICE_MEASURE_TIMES";

/// How many of the units in `/proc` are a second. Linux has the same number for all programs.
const TICKS: f64 = 100.0;

/// Runs the compiler, where that is asked for.
pub(crate) fn run() -> Option<ExitCode> {
    let times = std::env::var_os(TIMES)?;
    let mut arguments = std::env::args_os().skip(1);
    let mut compiler = Command::new(arguments.next()?);
    let arguments: Vec<_> = arguments.collect();
    // Cargo also asks the compiler what it is.
    let compiles = arguments.iter().any(|argument| argument.to_string_lossy().starts_with("service_"));
    let outcome = compiler.args(arguments).status().map_err(Into::into).and_then(|status| {
        if compiles && status.success() {
            let mut file = fs::File::options().append(true).create(true).open(&times)?;
            writeln!(file, "{}", spent_by_children(&fs::read_to_string("/proc/self/stat")?)?)?;
        }
        Ok(status)
    });
    Some(match outcome {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            let error: Box<dyn std::error::Error> = error;
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    })
}

/// The processor time of all processes that this one has waited for, and those that they have waited for.
fn spent_by_children(stat: &str) -> Result<f64> {
    // The name of the program comes in brackets, and may have blanks. `cutime` and `cstime` are the fields 16 and 17.
    let (_, fields) = stat.rsplit_once(") ").ok_or("`/proc/self/stat` is not as expected")?;
    let mut fields = fields.split(' ').skip(13);
    let mut next = || -> Result<f64> { Ok(fields.next().ok_or("`/proc/self/stat` is too short")?.parse()?) };
    Ok((next()? + next()?) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_the_children_count() {
        let stat = "4 (a (b) c) S 3 4 4 0 -1 4194304 122 9000 0 7 11 12 250 75 20 0 1 0 100 3000 90";
        assert_eq!(spent_by_children(stat).unwrap(), 3.25);
        assert!(spent_by_children("4 (a) S 3").is_err());
    }
}
