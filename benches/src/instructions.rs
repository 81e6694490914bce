//! Instructions of one call, counted by valgrind: the same in every run, whatever else the machine does.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

/// Whether they can be counted here.
pub fn can_count() -> bool {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    valgrind.is_ok_and(|status| status.success())
}

/// Nanoseconds of a call whose instructions are not counted any more: under valgrind it takes a hundred times as long.
pub const TOO_SLOW: f64 = 2e9;

/// Of one call: what so many more calls take more. The program starts and calls `run` with the case, the contender and a
/// number.
#[allow(clippy::cast_precision_loss)]
pub fn of_a_call(case: &str, who: &str, units: u64) -> Option<f64> {
    // So many that what differs from start to start, a few thousand, is no part of it.
    let more = (200_000 / units).clamp(1, 4000);
    let (few, many) = (collected(case, who, 1)?, collected(case, who, 1 + more)?);
    Some(many.saturating_sub(few) as f64 / more as f64)
}

fn collected(case: &str, who: &str, times: u64) -> Option<u64> {
    let program = env::current_exe().ok()?;
    let output = counting(&program).args(["run", case, who, &times.to_string()]).output().ok()?;
    said(&String::from_utf8_lossy(&output.stderr))
}

/// To run this program so that its instructions are counted.
pub fn counting(program: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    command
}

/// The number that valgrind says at the end.
pub fn said(errors: &str) -> Option<u64> {
    let line = errors.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(' ').next()?.trim().parse().ok()
}
