//! A batch of a hundred messages of customers, three analyses of each, ten of them at once; what fails stays in its place.
//!
//! ```text
//! cargo run --release --example batch_analysis
//! cargo run --release --example batch_analysis -- --fail 3 --attempts 1 --show 100
//! ```
//!
//! One model judges the mood, another finds the topic, and the style is measured right here. Both models are asked over
//! real HTTP, in the protocols of OpenAI and Anthropic, at a simulator that the program starts on loopback; it works its
//! answers out from the texts, and refuses those that are too long. Their fields are settled: `mood?`, `topic?`.
//!
//! `--fail 5` makes every fifth call of a model fail. Ctrl-C stops the work and shows what is finished.

mod report;
mod simulated;
mod style;
#[cfg(test)]
mod tests;

use catena::{CancellationToken, Config, Error, ErrorKind, Result, prelude::*};
use catena_examples::{Observe, Printed, Watch, ctrl_c, finish, unless_cancelled};
use catena_llm::{Message, Model, prompt};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use report::{Measured, Report};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{num::NonZero, path::Path, path::PathBuf, process::ExitCode, time::Duration, time::Instant};
use style::{Style, measure};

/// What is known of a message in the end.
struct Analysis {
    mood: Result<Mood>,
    topic: Result<Topic>,
    style: Style,
}

/// The chain, for one message.
fn analysis(models: &Models, watch: &Watch, args: &Args) -> impl Runnable<String, Output = Analysis> {
    let Models { gpt, claude } = models;
    let retry = Retry::attempts(args.attempts.get()).base(Duration::from_millis(10));
    chain!(String =>
        <
            mood?: not_empty
                | prompt!(
                    system: "What is the mood of this message? One word: positive, negative, mixed or neutral.",
                    user: "{}",
                )
                | gpt.timeout(Duration::from_secs(10)).watched(watch).retry(retry.clone())
                | one_of::<Mood>(),
            topic?: not_empty
                | prompt!(
                    system: "What is this message about? One word: delivery, payment, account, product or other.",
                    user: "{}",
                )
                | claude.timeout(Duration::from_secs(10)).watched(watch).retry(retry)
                | one_of::<Topic>(),
            style: measure,
        > as Analysis
    )
}

/// Spares the models what has no answer.
#[runnable]
fn not_empty(text: String) -> Result<String> {
    if text.trim().is_empty() {
        return Err(Error::new(ErrorKind::BadInput, "the message is empty"));
    }
    Ok(text)
}

/// Reads the one word a model was asked for.
#[runnable]
fn one_of<T: DeserializeOwned>(answer: &Message) -> Result<T> {
    let word = answer.text().trim().trim_end_matches('.').to_lowercase();
    serde_json::from_value(word.into())
        .map_err(|error| Error::from_source(ErrorKind::Parse { raw: answer.text().to_owned() }, error))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mood {
    Positive,
    Negative,
    Mixed,
    Neutral,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Topic {
    Delivery,
    Payment,
    Account,
    Product,
    Other,
}

struct Models {
    gpt: Model,
    claude: Model,
}

/// Analyse a hundred messages of customers, ten analyses at a time.
#[derive(Parser)]
#[command(name = "batch_analysis")]
struct Args {
    /// The messages, one a line.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/messages.txt"))]
    file: PathBuf,

    /// How many analyses run at once.
    #[arg(long, default_value = "10")]
    concurrency: NonZero<usize>,

    /// Make every N-th call of a model fail: by a 429, a 500 and a cut connection in turn.
    #[arg(long, value_name = "N")]
    fail: Option<NonZero<usize>>,

    /// How often a model is asked in all before its field is given up.
    #[arg(long, default_value = "3")]
    attempts: NonZero<u32>,

    /// How long the models are to think, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,

    /// How many rows of the table to show.
    #[arg(long, default_value_t = 10)]
    show: usize,

    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

/// Starts the simulator, runs the chain on all messages, and reports; cancelled, what is finished until then.
async fn run(args: &Args, bar: &ProgressBar, stop: CancellationToken) -> Result<Report> {
    let texts = read(&args.file)?;
    let simulator = simulated::start(args.fail, Duration::from_millis(args.latency)).await?;
    let models = Models {
        gpt: catena_llm::openai("gpt-4o-mini").base_url(simulator.openai_url()).api_key("simulated").build()?,
        claude: catena_llm::anthropic("claude-haiku-4-5")
            .base_url(simulator.anthropic_url())
            .api_key("simulated")
            .build()?,
    };
    let watch = Watch::default();
    let chain = analysis(&models, &watch, args);

    let start = Instant::now();
    let results = chain
        .batch(texts.iter().cloned())
        .max_concurrency(args.concurrency.get())
        .config(Config::new().cancel(stop))
        .progress_bar_with(bar.clone())
        .await;
    let elapsed = start.elapsed();
    bar.finish_and_clear();

    // Those that were under way or waiting when it was cancelled have nothing to show.
    let places: Vec<Option<Analysis>> =
        results.into_iter().map(|result| unless_cancelled(result).transpose()).collect::<Result<_>>()?;
    let interrupted = places.iter().any(Option::is_none);
    let measured = Measured { elapsed, interrupted, calls: watch.calls(), peak: watch.peak() };
    Ok(Report::new(texts, places, &measured))
}

fn read(file: &Path) -> Result<Vec<String>> {
    let reading =
        |error| Error::from_source(ErrorKind::BadInput, error).while_doing(format!("reading {}", file.display()));
    Ok(std::fs::read_to_string(file).map_err(reading)?.lines().map(str::to_owned).collect())
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    // On stderr, and only where that is a terminal.
    let bar = ProgressBar::new(0);
    if let Ok(look) = ProgressStyle::with_template("{bar:40} {pos}/{len}  {per_sec}  {eta} left") {
        bar.set_style(look);
    }
    let program = async {
        let report = run(&args, &bar, ctrl_c()).await?;
        let text = if args.json { serde_json::to_string_pretty(&report)? } else { report.table(args.show) };
        Ok(Printed { text, interrupted: report.interrupted })
    };
    finish(program.await)
}
