//! Chains that draw themselves: for READMEs, for reviews, for CI.
//!
//! ```text
//! cargo run --example graph -- --list
//! cargo run --example graph -- compare
//! cargo run --example graph -- compare --format svg > compare.svg
//! cargo run --example graph -- compare --manifest > compare.json
//! cargo run --example graph -- compare --since compare.json      # in words; exit code 1 if anything has changed
//! ```
//!
//! Nothing is asked and no key is needed.

use catena::{Result, Router, prelude::*};
use catena_llm::{Message, Model, ModelBuilder, Options, anthropic, openai, prompt};
use std::time::Duration;

#[derive(Clone, Record)]
struct Question {
    text: String,
}

#[derive(Clone, Record)]
struct Ticket {
    key: String,
    input: Question,
}

#[runnable]
fn consensus(gpt: Message, claude: Result<Message>) -> String {
    claude.map_or_else(|error| format!("{gpt} ({error})"), |claude| format!("{gpt}\n{claude}"))
}

/// To be drawn, a model needs no key that is worth anything.
fn keyless(model: ModelBuilder) -> Result<Model> {
    model.api_key("none").build()
}

fn compare() -> Result<impl Runnable<Question, Output = String> + 'static> {
    let gpt_4o = keyless(openai("gpt-4o").options(Options::new().temperature(0.2)))?;
    let sonnet = keyless(anthropic("claude-sonnet-4-5"))?;
    let haiku = keyless(anthropic("claude-haiku-4-5"))?;
    let second = Duration::from_secs(1);
    let chain = chain!(Question =>
        prompt!("Answer in one sentence: {text}")
        | <
            gpt: gpt_4o.timeout(20 * second).retry(3),
            claude?: sonnet.timeout(30 * second).fallback(haiku),
        >
        | consensus
    );
    Ok(chain.named("compare"))
}

fn support() -> Result<impl Runnable<Ticket, Output = String> + 'static> {
    let gpt = keyless(openai("gpt-4o-mini"))?;
    let answer = chain!(Question => prompt!("Help: {text}") | gpt.retry(2) | |message| message.text().to_owned());
    let routes = [("compare", compare()?.boxed()), ("help", answer.boxed())];
    Ok(chain!(Ticket => Router::new(routes)).named("support"))
}

catena::graph_main!(compare = compare()?, support = support()?);
