//! What a durable step costs beyond the step itself.
//!
//! `cargo run --release -- FOLDER [POSTGRES SETTINGS]`: the folder is on the disk to be measured.

use catena::{Config, prelude::*};
use catena_durable::{ConfigExt, Durability, DurableExt, Journal};
use std::{
    path::Path,
    time::{Duration, Instant},
};

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
    let mut best: f64 = 0.0;
    for round in 0..5 {
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
    println!("{name}: {runs} runs at once, {best:.0} steps a second, the best of 5");
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let folder = tempfile::tempdir_in(Path::new(&folder)).unwrap();
    for (name, durability) in [("sqlite, disk", Durability::Disk), ("sqlite, process", Durability::Process)] {
        let path = folder.path().join(format!("{name}.db"));
        let journal = Journal::builder().durability(durability).sqlite(path).await.unwrap();
        one_by_one(&journal, name).await;
        at_once(&journal, name, 100).await;
    }
    if let Some(settings) = arguments.next() {
        let journal = Journal::builder().postgres(&settings).await.unwrap();
        one_by_one(&journal, "postgres").await;
        at_once(&journal, "postgres", 100).await;
    }
}
