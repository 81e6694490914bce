//! An agent that plans an excursion: it looks up the weather and trains, several at once, and answers with a typed plan.
//!
//! ```text
//! cargo run --release --example agent_with_tools -- "Where can I swim outdoors tomorrow?"
//! ```
//!
//! With `OPENAI_API_KEY` a real model is asked. Without, the program starts a simulator of the provider's protocol on
//! loopback and asks that, through the same HTTP client: what it says is made up, the calls of the tools are real.

mod excursion;
mod simulated;
#[cfg(test)]
mod tests;

use catena::{Result, prelude::*};
use catena_llm::{Agent, AgentAnswer, AgentEvent, Approval, Model, openai, simulator::Simulator, tool, tools};
use excursion::{trains, weather};
use futures_util::TryStreamExt;
use std::time::Duration;

/// Buys a ticket.
#[tool]
fn buy_ticket(train: String) -> String {
    format!("bought: {train}")
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize, schemars::JsonSchema)]
struct Plan {
    city: String,
    /// The train to take.
    train: String,
    reason: String,
}

/// Asks, and shows what happens as it happens.
async fn plan(model: Model, question: &str, mut show: impl FnMut(String)) -> Result<AgentAnswer<Plan>> {
    let agent = Agent::new(model.timeout(Duration::from_secs(30)).retry(3))
        .tools(tools![weather, trains, buy_ticket]?)
        .instructions("You plan excursions from Zurich. Look everything up before you answer.")
        .approve(|call| match &*call.name {
            "buy_ticket" => Approval::refuse("the user decides what is bought"),
            _ => Approval::Call,
        })
        .max_steps(8)
        .time_limit(Duration::from_mins(2))
        .answering::<Plan>();
    let mut events = agent.stream(question);
    while let Some(event) = events.try_next().await? {
        match event {
            AgentEvent::Text(text) => show(text),
            AgentEvent::ToolCall(call) => show(format!("\n  -> {}({})", call.name, call.raw_arguments)),
            AgentEvent::ToolResult(result) => show(format!("\n  <- {}: {}", result.call.name, result.content())),
            AgentEvent::Answer(answer) => return Ok(answer),
            _ => {}
        }
    }
    Err(catena::Error::msg("the agent gave no answer"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let question = std::env::args().nth(1).unwrap_or_else(|| "Where can I swim outdoors tomorrow?".to_owned());
    let simulator: Simulator; // runs as long as it is asked
    let model = if std::env::var("OPENAI_API_KEY").is_ok() {
        openai("gpt-4o-mini").build()?
    } else {
        simulator = simulated::start().await?;
        openai("gpt-4o-mini").base_url(simulator.openai_url()).api_key("simulated").build()?
    };
    let answer = plan(model, &question, |text| print!("{text}")).await?;
    println!("\n\n{:#?}\n{} calls of the model, {} tokens", answer.answer, answer.steps, answer.usage.total_tokens());
    Ok(())
}
