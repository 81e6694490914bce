//! A chain that is killed in the middle, goes on in another process, waits for a person, and goes on again.
//!
//! ```sh
//! cargo run --release --example durable                       # does all of this to itself, and shows who did what
//! cargo run --release --example durable -- work a.db order-1  # runs the order until it needs an answer; kill it, and run it again
//! cargo run --release --example durable -- answer a.db order-1 yes
//! cargo run --release --example durable -- show a.db
//! ```
//!
//! `run.sh` beside it has two workers, of which it kills one. `run.sh restate` does the same under Restate, a server that notices a
//! dead worker and calls the other (`--features restate`).

use anyhow::{Context as _, ensure};
use catena::{Config, ErrorKind, prelude::*};
use catena_durable::{ConfigExt, DurableExt, Journal, pause};
use clap::{Parser, Subcommand};
use serde::{Deserialize, Serialize};
use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::process::{Child, Command};

/// The answer that the chain waits for.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Approval {
    Yes,
    No,
}

/// Work outside of the program, such as a call that is paid for: a line in a log.
struct Effects {
    log: PathBuf,
    takes: Duration,
}

impl Effects {
    async fn happen(&self, what: &str) -> catena::Result<()> {
        tokio::time::sleep(self.takes).await;
        let line = format!("{what} by {}\n", std::process::id());
        OpenOptions::new().create(true).append(true).open(&self.log)?.write_all(line.as_bytes())?;
        Ok(())
    }
}

#[runnable]
async fn extract(letter: String, cx: &Context) -> catena::Result<Vec<String>> {
    happen(cx, "extract").await?;
    Ok(letter.split(", ").map(str::to_owned).collect())
}

#[runnable]
async fn price(item: String, cx: &Context) -> catena::Result<usize> {
    happen(cx, &format!("price of {item}")).await?;
    Ok(item.len() * 10)
}

#[runnable]
async fn book(total: usize, approval: Approval, cx: &Context) -> catena::Result<String> {
    happen(cx, "booking").await?;
    Ok(if approval == Approval::Yes { format!("booked for {total}") } else { "refused".to_owned() })
}

async fn happen(cx: &Context, what: &str) -> catena::Result<()> {
    match cx.get::<Effects>() {
        Some(effects) => effects.happen(what).await,
        None => Ok(()),
    }
}

/// An order: its items, the price of each, two at a time, and a manager's approval.
#[runnable]
fn order() -> impl Runnable<String, Output = String> {
    chain!(String =>
        extract.durable("extract/1")
        | price.durable("price/1").map().concurrency(2)
        | |prices| prices.into_iter().sum::<usize>()
        | <total: _, approval: pause::<Approval>("manager")>
        | book.durable("book/1"))
}

const LETTER: &str = "two chairs, a table, six plates, a lamp, a carpet";

#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Run an order until it ends or needs an answer.
    Work { journal: PathBuf, id: String },
    /// Answer the question of an order: yes or no.
    Answer { journal: PathBuf, id: String, answer: String },
    /// Draw all orders.
    Show { journal: PathBuf },
    /// Run orders for a server of Restate.
    #[cfg(feature = "restate")]
    Serve {
        log: PathBuf,
        #[arg(default_value = "127.0.0.1:9080")]
        address: std::net::SocketAddr,
    },
}

fn log_of(journal: &Path) -> PathBuf {
    journal.with_extension("log")
}

async fn work(path: &Path, id: &str) -> anyhow::Result<()> {
    let journal = Journal::sqlite(path).await?;
    let effects = Effects { log: log_of(path), takes: Duration::from_millis(150) };
    // If another process runs the order, wait until it has ended, or is dead.
    let run = journal.run(id).wait(Duration::from_mins(1));
    match order().invoke_with(LETTER.to_owned(), Config::new().durable(run).with(effects)).await {
        Ok(output) => println!("{id}: {output}"),
        Err(error) if *error.kind() == ErrorKind::Paused => println!("{}", error.message()),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn answer(path: &Path, id: &str, answer: &str) -> anyhow::Result<()> {
    let approval = match answer {
        "yes" => Approval::Yes,
        "no" => Approval::No,
        other => anyhow::bail!("the answer is yes or no, and not `{other}`"),
    };
    Ok(Journal::sqlite(path).await?.answer(id, "manager", approval).await?)
}

async fn show(path: &Path) -> anyhow::Result<()> {
    let journal = Journal::sqlite(path).await?;
    for info in journal.runs().await? {
        print!("{}", journal.inspect(&info.id).await?);
    }
    Ok(())
}

#[cfg(feature = "restate")]
async fn serve(log: PathBuf, address: std::net::SocketAddr) -> anyhow::Result<()> {
    let effects = Effects { log, takes: Duration::from_millis(150) };
    Ok(catena_durable::restate::serve("orders", order()).config(Config::new().with(effects)).listen(address).await?)
}

fn worker(path: &Path) -> anyhow::Result<Child> {
    Ok(Command::new(std::env::current_exe()?).arg("work").arg(path).arg("order-42").kill_on_drop(true).spawn()?)
}

/// Kills a worker in the middle of the list, and lets others go on.
async fn demonstrate() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("journal.db");
    let mut first = worker(&path)?;
    let lines = || std::fs::read_to_string(log_of(&path)).unwrap_or_default().lines().count();
    while lines() < 3 {
        ensure!(first.try_wait()?.is_none(), "the worker ended too early");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!("killing the process {} in the middle of the list", first.id().context("it runs")?);
    first.kill().await?;
    ensure!(worker(&path)?.wait().await?.success(), "the second worker failed");
    println!("the manager says yes");
    answer(&path, "order-42", "yes").await?;
    ensure!(worker(&path)?.wait().await?.success(), "the third worker failed");

    println!("\nWhat was done outside, and by which process:");
    print!("{}", std::fs::read_to_string(log_of(&path))?);
    println!("\nThe journal:");
    show(&path).await
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Options::parse().what {
        None => demonstrate().await,
        Some(What::Work { journal, id }) => work(&journal, &id).await,
        Some(What::Answer { journal, id, answer: text }) => answer(&journal, &id, &text).await,
        Some(What::Show { journal }) => show(&journal).await,
        #[cfg(feature = "restate")]
        Some(What::Serve { log, address }) => serve(log, address).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_order_waits_for_its_answer_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        work(&path, "order-1").await.unwrap();
        let done = std::fs::read_to_string(log_of(&path)).unwrap();
        assert_eq!(done.lines().count(), 6);
        assert!(answer(&path, "order-1", "perhaps").await.is_err());
        answer(&path, "order-1", "no").await.unwrap();
        work(&path, "order-1").await.unwrap();
        let all = std::fs::read_to_string(log_of(&path)).unwrap();
        assert_eq!(all.lines().count(), 7);
        assert!(all.starts_with(&done) && all.contains("booking by"));
        show(&path).await.unwrap();
    }
}
