//! A test that runs functions of any bytes on inputs made of a committed corpus. Each runs for a part of a second, or for
//! as many seconds as the variable `CATENA_FUZZ_SECONDS` says. A seed is printed; `CATENA_FUZZ_SEED` repeats it.
//!
//! Other crates of the workspace use it by its path.

#[path = "mutate.rs"]
mod mutate;

use fastrand::Rng;
use mutate::mutated;
use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// A target: its name, which is that of its corpus, and the function.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// The longest time for one input: more is a poll that stands still.
const SLOW: Duration = Duration::from_secs(5);

/// All files in a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// The inputs that a target begins with, from the folders of its name in these.
fn corpus(target: &str, corpora: &[PathBuf]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for corpus in corpora {
        files(&corpus.join(target), &mut found);
    }
    found.sort();
    found.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is `{text}`, no number")))
}

fn run(target: &str, test: fn(&[u8]), corpus: &[Vec<u8>], time: Duration, seed: u64) {
    let mut random = Rng::with_seed(seed);
    let start = Instant::now();
    let (mut count, mut known) = (0_u64, corpus.iter());
    while start.elapsed() < time || known.len() > 0 {
        let input = known.next().cloned().unwrap_or_else(|| mutated(corpus, &mut random));
        let begun = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| test(&input)));
        let shown = String::from_utf8_lossy(&input);
        assert!(outcome.is_ok(), "{target} failed with seed {seed}, input {count}: {shown:?}");
        assert!(
            begun.elapsed() < SLOW,
            "{target} took {:?} with seed {seed}, input {count}: {shown:?}",
            begun.elapsed()
        );
        count += 1;
    }
    println!("{target}: {count} inputs in {:?}, seed {seed}", start.elapsed());
}

/// Runs each of these targets, and fails with the input that a target fails on.
pub(crate) fn run_all(targets: &[Target], corpora: &[PathBuf]) {
    let time = number("CATENA_FUZZ_SECONDS").map_or(Duration::from_millis(300), Duration::from_secs);
    let seed = number("CATENA_FUZZ_SEED").unwrap_or_else(|| Rng::new().u64(..));
    // As many at once as there are processors.
    let at_once = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for first in 0..at_once {
            scope.spawn(move || {
                for &(target, test) in targets.iter().skip(first).step_by(at_once) {
                    let corpus = corpus(target, corpora);
                    assert!(!corpus.is_empty(), "{target} has no corpus");
                    run(target, test, &corpus, time, seed);
                }
            });
        }
    });
}
