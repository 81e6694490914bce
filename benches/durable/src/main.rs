//! What a durable step costs beyond the step itself.
//!
//! `cargo run --release -- FOLDER [--postgres SETTINGS] [--restate PROGRAM]`: the folder is on the disk to be measured.

mod disk;
#[path = "../../machine.rs"]
mod machine;
#[cfg(feature = "restate")]
mod restate;

use catena::{Config, prelude::*};
use catena_durable::{ConfigExt, Durability, DurableExt, Journal};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

struct Arguments {
    folder: PathBuf,
    postgres: Option<String>,
    restate: Option<PathBuf>,
}

impl Arguments {
    fn of(mut given: impl Iterator<Item = String>) -> Self {
        let folder = given.next().unwrap_or_else(|| ".".to_owned()).into();
        let mut arguments = Arguments { folder, postgres: None, restate: None };
        while let Some(name) = given.next() {
            match &*name {
                "--postgres" => arguments.postgres = given.next(),
                "--restate" => arguments.restate = given.next().map(PathBuf::from),
                other => panic!("there is no option {other}"),
            }
        }
        arguments
    }
}

/// A step with an input and an output as those of a model: a question, and an answer of some kilobytes.
#[runnable]
async fn answer(question: String) -> String {
    let mut answer = question;
    answer.truncate(100);
    while answer.len() < 2000 {
        answer.push_str(" and so on");
    }
    answer
}

#[runnable]
async fn shorten(answer: String) -> String {
    answer.chars().take(100).collect()
}

/// Ten durable steps, each after a plain one.
macro_rules! ten {
    ($($name:literal)*) => {
        chain!(String => $(shorten | answer.durable($name) |)* shorten)
    };
}

fn chain() -> impl Runnable<String, Output = String> {
    ten!("a/1" "b/1" "c/1" "d/1" "e/1" "f/1" "g/1" "h/1" "i/1" "j/1")
}

const STEPS: u32 = 10;
const ROUNDS: u32 = 5;

/// The processor time of this process so far, of which the unit of Linux is a hundredth of a second.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<i64> =
        stat.rsplit(") ").next().unwrap_or_default().split(' ').filter_map(|n| n.parse().ok()).collect();
    // User and system time are the 14th and 15th field of all; the letter of the state is not a number.
    let ticks: i64 = fields.iter().skip(10).take(2).sum();
    Duration::from_millis(10 * u64::try_from(ticks).unwrap_or_default())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Runs one after the other: the time of a step beyond that of the chain without a journal.
async fn one_by_one(journal: &Journal, name: &str) {
    let chain = chain();
    let mut plain = Vec::new();
    let mut durable = Vec::new();
    let mut replayed = Vec::new();
    for run in 0..50 {
        let begun = Instant::now();
        chain.invoke("Why?".to_owned()).await.unwrap();
        plain.push(begun.elapsed() / STEPS);
        for times in [&mut durable, &mut replayed] {
            let config = Config::new().durable(journal.run(format!("{name}-{run}")));
            let begun = Instant::now();
            chain.invoke_with("Why?".to_owned(), config).await.unwrap();
            times.push(begun.elapsed() / STEPS);
        }
    }
    let plain = median(plain);
    println!(
        "{name}: a step {:.1} us beyond the step ({:.1} us), a replay {:.1} us; a tenth of the run's beginning and end included",
        (median(durable) - plain).as_secs_f64() * 1e6,
        plain.as_secs_f64() * 1e6,
        (median(replayed) - plain).as_secs_f64() * 1e6,
    );
}

/// Runs at once: steps a second.
async fn at_once(journal: &Journal, name: &str, runs: usize) {
    let (mut best, used): (f64, _) = (0.0, processor());
    for round in 0..ROUNDS {
        let begun = Instant::now();
        let tasks: Vec<_> = (0..runs)
            .map(|run| {
                let config = Config::new().durable(journal.run(format!("{name}-{runs}-{round}-{run}")));
                tokio::spawn(async move { chain().invoke_with("Why?".to_owned(), config).await.unwrap() })
            })
            .collect();
        futures_util::future::join_all(tasks).await.into_iter().for_each(|outcome| drop(outcome.unwrap()));
        best = best.max(f64::from(STEPS) * runs as f64 / begun.elapsed().as_secs_f64());
    }
    let used = (processor() - used) / (ROUNDS * STEPS * u32::try_from(runs).unwrap());
    println!(
        "{name}: {runs} runs at once, {best:.0} steps a second, the best of {ROUNDS}; {:.1} us of a processor a step",
        used.as_secs_f64() * 1e6
    );
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::of(std::env::args().skip(1));
    let folder = tempfile::tempdir_in(&arguments.folder).unwrap();
    println!("{}", machine::machine());
    disk::measure(folder.path());
    for (name, durability) in [("sqlite, disk", Durability::Disk), ("sqlite, process", Durability::Process)] {
        let path = folder.path().join(format!("{name}.db"));
        let journal = Journal::builder().durability(durability).sqlite(path).await.unwrap();
        one_by_one(&journal, name).await;
        at_once(&journal, name, 100).await;
    }
    if let Some(settings) = &arguments.postgres {
        let journal = Journal::builder().postgres(settings).await.unwrap();
        one_by_one(&journal, "postgres").await;
        at_once(&journal, "postgres", 100).await;
    }
    #[cfg(feature = "restate")]
    if let Some(program) = &arguments.restate {
        restate::measure(program, folder.path()).await;
    }
    #[cfg(not(feature = "restate"))]
    assert!(arguments.restate.is_none(), "`--restate` needs the feature `restate`");
}
