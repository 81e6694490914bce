//! The machine that figures are of, as a sentence.

use std::{fs, thread};

/// Returns the processor, its cores, the system, and how busy they were in the minute before.
pub fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let processor = processors.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let load = read("/proc/loadavg");
    format!(
        "{} cores of {}, Linux {}; the load of the minute before was {}.",
        thread::available_parallelism().map_or(1, usize::from),
        processor.unwrap_or("an unknown processor"),
        read("/proc/sys/kernel/osrelease").trim(),
        load.split(' ').next().unwrap_or("not known"),
    )
}
