//! Three models asked at once, by one chain: what they agree on, what it cost, and what failed on the way.
//!
//! ```text
//! cargo run --release --example compare_models -- "What is quantum computing?"
//! cargo run --release --example compare_models -- --fail claude=429 --fail gpt=timeout --fail gemini=cut
//! ```
//!
//! Each model has a timeout, retries and a backup; the field of Gemini is settled, `gemini?`, so that its failure does not
//! sink the others. With `OPENAI_API_KEY`, `ANTHROPIC_API_KEY` and `GEMINI_API_KEY` (and `.._BASE_URL`) the real providers
//! are asked. Without keys, the program starts a simulator of their protocols on loopback and asks that, through the same
//! HTTP client. `--json` prints one JSON object. `--draw` shows the run: `live` on the terminal, or as `text`, `svg=FILE`,
//! `html=FILE`. Ctrl-C stops the run and shows what was answered until then.

mod agreement;
mod draw;
mod models;
mod report;
mod simulated;
#[cfg(test)]
mod tests;

use catena::{CancellationToken, Config, Result, prelude::*};
use catena_examples::{Observe, Printed, Watch, ctrl_c, finish, unless_cancelled};
use catena_llm::{Message, Spending, prompt};
use clap::Parser;
use draw::{Draw, Drawn};
use models::{Models, Variables};
use report::{Arrivals, Report};
use simulated::Failure;
use std::{process::ExitCode, sync::Arc, time::Instant};

#[derive(Clone, Record)]
struct Question {
    text: String,
}

/// The chain. Its map has a field for each model, and `comparison` takes them by name.
fn compare(models: &Models, watch: &Watches, arrivals: &Arrivals) -> impl Runnable<Question, Output = Vec<Answer>> {
    let Models { gpt_4o, gpt_mini, sonnet, haiku, flash, flash_lite, timeout, retry, .. } = models;
    chain!(Question =>
        prompt!(system: "Answer in one plain sentence.", user: "{text}")
        | <
            gpt: gpt_4o.timeout(*timeout).watched(&watch.gpt.attempts).retry(retry.clone())
                .fallback(gpt_mini.timeout(*timeout)).watched(&watch.gpt.whole)
                .tap(|answer| arrivals.show("gpt", answer)),
            claude: sonnet.timeout(*timeout).watched(&watch.claude.attempts).retry(retry.clone())
                .fallback(haiku.timeout(*timeout)).watched(&watch.claude.whole)
                .tap(|answer| arrivals.show("claude", answer)),
            gemini?: flash.timeout(*timeout).watched(&watch.gemini.attempts).retry(retry.clone())
                .fallback(flash_lite.timeout(*timeout)).watched(&watch.gemini.whole)
                .tap(|answer| arrivals.show("gemini", answer)),
        >
        | comparison
    )
    .named("compare")
}

/// The fields of the map, in a row.
#[runnable]
fn comparison(gpt: Message, claude: Message, gemini: Result<Message>) -> Vec<Answer> {
    vec![("gpt", Ok(gpt)), ("claude", Ok(claude)), ("gemini", gemini)]
}

type Answer = (&'static str, Result<Message>);

/// How the models fared: `whole` with all that was done about it, `attempts` each attempt at the first choice.
#[derive(Default)]
struct Watches {
    gpt: WatchPair,
    claude: WatchPair,
    gemini: WatchPair,
}

#[derive(Default)]
struct WatchPair {
    attempts: Watch,
    whole: Watch,
}

/// Ask three models the same, and compare what they say.
#[derive(Parser)]
#[command(name = "compare_models")]
struct Args {
    /// What to ask.
    #[arg(default_value = "What is quantum computing?")]
    question: String,

    /// Make the simulator misbehave: `claude=429`, `gpt=timeout`, `gemini=cut`, or `500`, `401`, `malformed`, `empty`.
    /// `429`, `500`, `malformed` and `empty` strike the first two attempts, `timeout` every attempt at the first choice,
    /// `cut` and `401` the backup too. May be repeated.
    #[arg(long, value_name = "MODEL=HOW")]
    fail: Vec<Failure>,

    /// Ask the simulator even where there are keys.
    #[arg(long)]
    simulate: bool,

    /// Print one JSON object.
    #[arg(long)]
    json: bool,

    /// Draw the run: `live` while it runs, `text` when it has ended, or into a file by `svg=FILE` or `html=FILE`. With the tokens
    /// and what they cost; without questions and answers.
    #[arg(long, value_name = "HOW")]
    draw: Option<Draw>,
}

/// Asks, and reports; cancelled, what there is until then.
async fn run(args: &Args, variables: Variables, stop: CancellationToken) -> Result<Report> {
    let models = Models::new(variables, args.simulate, &args.fail).await?;
    let drawn = Drawn::new(args.draw.clone());
    let arrivals = Arrivals::begin(&models, &args.question, args.json, drawn.live());
    let watch = Watches::default();
    let chain = compare(&models, &watch, &arrivals);
    let start = Instant::now();
    // Three HTTP clients at work make a large future, which has its place on the heap.
    let question = Question { text: args.question.clone() };
    let spending = Spending::new();
    let config = drawn.observe(Config::new().cancel(stop).with(spending.clone()));
    let outcome = unless_cancelled(Box::pin(chain.invoke_with(question, config)).await);
    let elapsed = start.elapsed();
    drawn.finish()?;
    Ok(Report::new(&args.question, &models, &arrivals, outcome, &watch, &spending, elapsed))
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let program = async {
        let variables: Variables = Arc::new(|name| std::env::var(name).ok());
        let report = run(&args, variables, ctrl_c()).await?;
        let text = if args.json { serde_json::to_string_pretty(&report)? } else { report.text() };
        Ok((report.error.clone(), Printed { text, interrupted: report.interrupted }))
    };
    match program.await {
        Ok((None, printed)) => finish(Ok(printed)),
        Ok((Some(error), printed)) => {
            finish(Ok(printed));
            finish(Err(error))
        }
        Err(error) => finish(Err(error)),
    }
}
