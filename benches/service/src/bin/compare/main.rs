//! Three models asked the same by many clients at once, by a chain or by hand, at a simulator of their protocols:
//! `compare <chain|hand> <clients> <comparisons of each>`.
//!
//! Prints nanoseconds, each for half and for 99 % of the comparisons: of a whole comparison, of what it takes beyond its slowest
//! model, of a streamed one until its first piece is there, and of what that takes beyond the model it comes from. The simulator
//! has a thread of its own.

mod contenders;
mod timed;

use catena::Result;
use catena_llm::{
    Model, anthropic, gemini_openai, openai,
    simulator::{Answer, Provider, Request, Simulator},
};
use contenders::{Compare, by_hand, chain};
use futures_util::future::try_join_all;
use std::{
    error::Error,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};
use timed::Clock;
use tokio::runtime::{Builder, Runtime};

/// The models' providers.
#[derive(Clone)]
struct Models {
    gpt: Model,
    claude: Model,
    gemini: Model,
}

/// What one comparison took.
#[derive(Default)]
struct Took {
    whole: Duration,
    beyond_slowest: Duration,
    first: Duration,
    beyond_first: Duration,
}

fn answer(request: &Request) -> Answer {
    let latency = match request.provider {
        Provider::OpenAi => 30,
        Provider::Anthropic => 40,
        _ => 20,
    };
    Answer::new("It computes with qubits.").latency(Duration::from_millis(latency))
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// On a thread of its own, for as long as the program runs.
fn simulator() -> std::result::Result<[String; 3], mpsc::RecvError> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let served = runtime()?.block_on(async {
            let simulator = Simulator::builder().respond(answer).start().await?;
            let urls = [simulator.openai_url(), simulator.anthropic_url(), simulator.gemini_openai_url()];
            sender.send(urls).map_err(std::io::Error::other)?;
            loop {
                // It remembers each request.
                tokio::time::sleep(Duration::from_millis(200)).await;
                simulator.clear_requests();
            }
        });
        std::io::Result::<()>::from(served)
    });
    receiver.recv()
}

/// Comparisons of one client, one after another.
async fn client(models: &Models, as_chain: bool, times: usize) -> Result<Vec<Took>> {
    let clock = Clock::default();
    if as_chain {
        asked(&chain(models, &clock), &clock, times).await
    } else {
        asked(&by_hand(models, &clock), &clock, times).await
    }
}

/// That both say the same.
async fn check(models: &Models) -> Result<()> {
    let clock = Clock::default();
    let ask = || "What is quantum computing?".to_owned();
    let (chain, by_hand) = (chain(models, &clock).whole(ask()).await?, by_hand(models, &clock).whole(ask()).await?);
    if chain == by_hand { Ok(()) } else { Err(catena::Error::msg(format!("`{chain}` is not `{by_hand}`"))) }
}

async fn asked(compare: &impl Compare, clock: &Clock, times: usize) -> Result<Vec<Took>> {
    let mut all = Vec::with_capacity(times);
    for _ in 0..times {
        let begun = Instant::now();
        compare.whole("What is quantum computing?".to_owned()).await?;
        let whole = begun.elapsed();
        let slowest = clock.take().slowest;
        let begun = Instant::now();
        let seen = compare.first("What is quantum computing?".to_owned()).await?;
        let first = clock.take().first.unwrap_or(begun);
        all.push(Took {
            whole,
            beyond_slowest: whole.saturating_sub(slowest),
            first: seen - begun,
            beyond_first: seen - first,
        });
    }
    Ok(all)
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (as_chain, clients, times): (_, usize, usize) = match words.as_slice() {
        [which, clients, times] if which == "chain" || which == "hand" => {
            (which == "chain", clients.parse()?, times.parse()?)
        }
        _ => return Err("usage: compare <chain|hand> <clients> <comparisons of each>".into()),
    };
    let [gpt, claude, gemini] = simulator()?;
    let models = Models {
        gpt: openai("gpt-4o").base_url(gpt).api_key("simulated").build()?,
        claude: anthropic("claude-sonnet-4-5").base_url(claude).api_key("simulated").build()?,
        gemini: gemini_openai("gemini-2.5-flash").base_url(gemini).api_key("simulated").build()?,
    };
    let all = runtime()?.block_on(async {
        check(&models).await?;
        // The connections are made in the first comparison, which does not count.
        try_join_all((0..clients).map(|_| client(&models, as_chain, 1))).await?;
        let took = try_join_all((0..clients).map(|_| client(&models, as_chain, times))).await?;
        Ok::<_, catena::Error>(took.into_iter().flatten().collect::<Vec<_>>())
    })?;
    let figures: [fn(&Took) -> Duration; 4] =
        [|took| took.whole, |took| took.beyond_slowest, |took| took.first, |took| took.beyond_first];
    for figure in figures {
        let mut sorted: Vec<Duration> = all.iter().map(figure).collect();
        sorted.sort();
        for part in [50, 99] {
            println!("{}", sorted[(sorted.len() - 1) * part / 100].as_nanos());
        }
    }
    Ok(())
}
