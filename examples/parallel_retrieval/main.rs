//! Three sources searched at once, by one chain; what one of them does not deliver does not hold up the others.
//!
//! ```text
//! cargo run --release --example parallel_retrieval -- "how do futures get cancelled?"
//! cargo run --release --example parallel_retrieval -- --fail remote --weight remote=0.5 "slow start"
//! ```
//!
//! - `sqlite`, a full-text index (FTS5) in a file, off the async threads. Its field is settled, `sqlite?`: if it fails,
//!   the merge gets an error in its place.
//! - `bm25`, an index in memory, which cannot fail.
//! - `remote`, a search service asked over HTTP (the program starts one on loopback), with a timeout, retries, and in
//!   the end an empty list.
//!
//! `--fail remote`, `remote=2` (twice), `remote=hang` and `sqlite` make them fail. `--json` prints one JSON object.

mod bm25;
mod full_text;
mod library;
mod remote;
mod report;
mod results;
#[cfg(test)]
mod tests;

use bm25::Bm25;
use catena::{CancellationToken, Config, Error, ErrorKind, Result, prelude::*};
use catena_examples::{Observe, Printed, Watch, ctrl_c, finish, unless_cancelled};
use clap::Parser;
use full_text::FullText;
use library::{Hit, Library};
use remote::{Remote, Service};
use report::Report;
use results::{Ranked, Weights, best_first, deduplicate, merge};
use std::{path::PathBuf, process::ExitCode, time::Duration, time::Instant};

/// What is asked.
#[derive(Clone, Record)]
struct Query {
    text: String,
    weights: Weights,
}

/// The chain. Each branch is lent the query and copies its text alone.
fn retrieval(sources: &Sources, watch: &Watches) -> impl Runnable<Query, Output = Vec<Ranked>> {
    let Sources { sqlite, bm25, remote } = sources;
    chain!(Query =>
        <
            sqlite?: .text | sqlite.watched(&watch.sqlite),
            bm25: .text | bm25.watched(&watch.bm25),
            remote: .text | remote
                .timeout(Duration::from_millis(500))
                .watched(&watch.attempts)
                .retry(Retry::attempts(3).base(Duration::from_millis(20)))
                .fallback(nothing)
                .watched(&watch.remote),
            weights: .weights,
        >
        | merge
        | deduplicate
        | best_first
    )
}

/// What the remote source is replaced by.
#[runnable]
fn nothing(_query: &str) -> Vec<Hit> {
    Vec::new()
}

struct Sources {
    sqlite: FullText,
    bm25: Bm25,
    remote: Remote,
}

/// How the sources fared: `remote` with all that was done about it, `attempts` each of its attempts.
#[derive(Default)]
struct Watches {
    sqlite: Watch,
    bm25: Watch,
    remote: Watch,
    attempts: Watch,
}

/// Search three sources at once, and merge what they find.
#[derive(Parser)]
#[command(name = "parallel_retrieval")]
struct Args {
    /// What to look for.
    #[arg(default_value = "why do async tasks need backpressure and cancellation?")]
    query: String,

    /// How much a source counts, such as `remote=0.5`; 1 unless set. May be repeated.
    #[arg(long, value_name = "SOURCE=NUMBER", value_parser = results::parse_weight)]
    weight: Vec<(results::Source, f64)>,

    /// What is to fail: `remote` (always), `remote=2` (the first two requests), `remote=hang`, `sqlite`.
    #[arg(long, value_name = "SOURCE[=HOW]")]
    fail: Vec<Failure>,

    /// How many results to show.
    #[arg(long, default_value_t = 5)]
    limit: usize,

    /// The folder with the texts: `notes` for `sqlite`, `handbook` for `bm25`, `web` for `remote`.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/library"))]
    library: PathBuf,

    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Failure {
    Sqlite,
    Remote(remote::Failure),
}

impl std::str::FromStr for Failure {
    type Err = String;

    fn from_str(written: &str) -> std::result::Result<Self, String> {
        let number = |text: &str| text.parse().map(|times| Failure::Remote(remote::Failure::Times(times)));
        match written.split_once('=') {
            None if written == "sqlite" => Ok(Failure::Sqlite),
            None if written == "remote" => Ok(Failure::Remote(remote::Failure::Always)),
            Some(("remote", "hang")) => Ok(Failure::Remote(remote::Failure::Hang)),
            Some(("remote", times)) => {
                number(times).map_err(|_| format!("`{times}` is neither a number of requests nor `hang`"))
            }
            _ => Err("it is one of `remote`, `remote=2`, `remote=hang`, `sqlite`".to_owned()),
        }
    }
}

/// Sets the sources up, runs the chain, and reports; cancelled, what there is until then.
async fn run(args: &Args, stop: CancellationToken) -> Result<Report> {
    if library::terms(&args.query).next().is_none() {
        return Err(Error::new(ErrorKind::BadInput, format!("there is nothing to search for in {:?}", args.query)));
    }
    let library = Library::load(&args.library)?;
    let wanted = args.fail.iter().find_map(|failure| match failure {
        Failure::Remote(failure) => Some(*failure),
        Failure::Sqlite => None,
    });
    let service = Service::start(library.web, wanted).await?;
    let sources = Sources {
        sqlite: FullText::index(library.notes).await?,
        bm25: Bm25::index(library.handbook),
        remote: Remote::new(service.url()).map_err(Error::other)?,
    };
    if args.fail.contains(&Failure::Sqlite) {
        sources.sqlite.lose_the_index().map_err(Error::other)?;
    }
    let weights = Weights::new(&args.weight);
    let query = Query { text: args.query.clone(), weights };

    let watch = Watches::default();
    let chain = retrieval(&sources, &watch);
    let start = Instant::now();
    let results = unless_cancelled(chain.invoke_with(query, Config::new().cancel(stop)).await).transpose()?;
    Ok(Report::new(&args.query, weights, results, &watch, start.elapsed()))
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let program = async {
        let report = run(&args, ctrl_c()).await?;
        let text = if args.json { serde_json::to_string_pretty(&report)? } else { report.table(args.limit) };
        Ok(Printed { text, interrupted: report.interrupted })
    };
    finish(program.await)
}
