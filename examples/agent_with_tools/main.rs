//! An agent that plans an excursion: it looks up the weather, trains and its user's notes, several at once, asks before it
//! buys a ticket, and answers with a typed plan.
//!
//! ```text
//! cargo run --release --example agent_with_tools -- "Where can I swim outdoors tomorrow?"
//! cargo run --release --example agent_with_tools -- --kill-server --buy
//! ```
//!
//! With `OPENAI_API_KEY` a real model is asked. Without, the program starts a simulator of the provider's protocol on
//! loopback and asks that, through the same HTTP client: what it says is made up, the calls of the tools are real.
//!
//! The notes are read by a server of the Model Context Protocol that others wrote, `@modelcontextprotocol/server-filesystem`,
//! if it is installed: `npm install -g @modelcontextprotocol/server-filesystem`, or `.ci/install-mcp-servers` in this
//! repository. Without, the agent plans without notes.

mod excursion;
mod notes;
mod simulated;
#[cfg(test)]
mod tests;
mod trip;

use catena::{Result, prelude::*};
use catena_llm::{
    Agent, AgentAnswer, AgentEvent, AgentInput, AgentPaused, Answering, Approval, ChatRequest, Message, MessageChunk,
    Model, hooks::Summarize, openai, simulator::Simulator, tools,
};
use clap::Parser;
use excursion::{trains, weather};
use futures_util::TryStreamExt;
use notes::Notes;
use std::{
    io::{BufRead, IsTerminal, Write},
    time::Duration,
};
use trip::{Plan, buy_ticket};

#[derive(Parser)]
struct Options {
    #[arg(default_value = "Where can I swim outdoors tomorrow?")]
    question: String,
    /// Buy the ticket without asking.
    #[arg(long)]
    buy: bool,
    /// Kill the server of the notes after its first call, to see that the agent goes on.
    #[arg(long)]
    kill_server: bool,
}

/// The agent. Long conversations are summarised; before a ticket is bought, it stops until that is decided.
fn planner(
    model: Model,
    notes: Option<&Notes>,
) -> Result<Agent<impl Runnable<ChatRequest, Output = Message, Chunk = MessageChunk>, Answering<Plan>>> {
    let mut all = tools![weather, trains, buy_ticket]?;
    if let Some(notes) = notes {
        all = all.with(notes.server())?;
    }
    let mut agent = Agent::new(model.clone().timeout(Duration::from_secs(30)).retry(3))
        .tools(all)
        .instructions(
            "You plan excursions from Zurich. Look everything up before you answer, in the user's notes, too.",
        )
        .hook(Summarize::new(model, 1000).or_cut())
        .approve(|call| match &*call.name {
            "buy_ticket" => Approval::pause(),
            _ => Approval::Call,
        })
        .max_steps(12)
        .time_limit(Duration::from_mins(2));
    if let Some(notes) = notes {
        agent = agent.hook(notes.clone());
    }
    Ok(agent.answering::<Plan>())
}

/// Asks, and shows what happens as it happens. A run that waits for a decision is stored, decided on, and goes on.
async fn plan<S>(
    agent: &Agent<S, Answering<Plan>>,
    question: &str,
    mut decide: impl FnMut(&str) -> bool,
    mut show: impl FnMut(String),
) -> Result<AgentAnswer<Plan>>
where
    S: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk>,
{
    let mut outcome = run(agent, question, &mut show).await;
    loop {
        let error = match outcome {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let Some(paused) = error.downcast_ref::<AgentPaused>() else { return Err(error) };
        // Here it could be stored, and another process could go on, days later.
        let stored = serde_json::to_string(paused)?;
        show(format!("\n  .. {paused} ({} bytes of state)", stored.len()));
        let mut paused: AgentPaused = serde_json::from_str(&stored)?;
        let waiting: Vec<(String, String)> =
            paused.waiting().map(|call| (call.id.clone(), format!("{}({})", call.name, call.raw_arguments))).collect();
        for (id, call) in waiting {
            if decide(&call) { paused.approve(&id)? } else { paused.refuse(&id, "the user does not want that")? }
        }
        outcome = run(agent, paused, &mut show).await;
    }
}

async fn run<S, I>(
    agent: &Agent<S, Answering<Plan>>,
    input: I,
    show: &mut impl FnMut(String),
) -> Result<AgentAnswer<Plan>>
where
    S: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk>,
    I: AgentInput + Send,
{
    let mut events = agent.stream(input);
    while let Some(event) = events.try_next().await? {
        match event {
            AgentEvent::Text(text) => show(text),
            AgentEvent::ToolCall(call) => show(format!("\n  -> {}({})", call.name, call.raw_arguments)),
            AgentEvent::ToolResult(result) => {
                let first = result.content().lines().next().unwrap_or_default();
                show(format!("\n  <- {}: {first}", result.call.name));
            }
            AgentEvent::Answer(answer) => return Ok(answer),
            _ => {}
        }
    }
    Err(catena::Error::msg("the agent gave no answer"))
}

/// Asks on the terminal. Where there is none, nothing is bought.
fn ask(call: &str) -> bool {
    let mut input = std::io::stdin().lock();
    if !std::io::stdin().is_terminal() {
        println!("\n  .. there is no terminal to ask at, so {call} is refused: `--buy` lets it be");
        return false;
    }
    print!("\n  .. {call}? [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdout().flush().and_then(|()| input.read_line(&mut answer));
    read.is_ok() && answer.trim().eq_ignore_ascii_case("y")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let notes = Notes::installed(options.kill_server)?;
    if notes.is_none() {
        println!("The notes are not read: {}\n", notes::ABSENT);
    }
    let simulator: Simulator; // runs as long as it is asked
    let model = if std::env::var("OPENAI_API_KEY").is_ok() {
        openai("gpt-4o-mini").build()?
    } else {
        simulator = simulated::start().await?;
        openai("gpt-4o-mini").base_url(simulator.openai_url()).api_key("simulated").build()?
    };
    let agent = planner(model, notes.as_ref())?;
    let answer = plan(&agent, &options.question, |call| options.buy || ask(call), |text| print!("{text}")).await?;
    println!("\n\n{:#?}", answer.answer);
    println!("{} calls of the model, {} tokens", answer.steps, answer.usage.total_tokens());
    if answer.model_messages().len() < answer.messages.len() {
        let (all, seen) = (answer.messages.len(), answer.model_messages().len());
        println!("{all} messages, of which the model saw {seen}, the first of them a summary");
    }
    Ok(())
}
