//! The client of hostile servers, in a process of its own, so that its memory can be measured.

use catena::{Result, RunnableExt, StepExt};
use catena_llm::{Message, MessageAssembler, Model, anthropic, gemini, openai, openai_responses};
use serde::{Deserialize, Serialize};
use std::{
    env,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::process::Command;

/// The timeout of a model.
pub(crate) const LIMIT: Duration = Duration::from_millis(400);

/// The most memory that a body may take, in bytes.
pub(crate) const MEMORY: u64 = 64 << 20;

/// The variable that has the case.
const CASE: &str = "CATENA_HOSTILE_CASE";

/// The mark of a line with an outcome.
const MARK: &str = "OUTCOME ";

#[derive(Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) protocol: String,
    pub(crate) url: String,
    pub(crate) is_stream: bool,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) error: Option<String>,
    pub(crate) kind: String,
    pub(crate) millis: u64,
    /// The memory that the case took at most, in bytes, if the system counts it.
    pub(crate) memory: Option<u64>,
}

/// Runs a test of this program in another process, with one case. Returns `None` if the process died.
pub(crate) async fn run_in_a_process(test: &str, case: &Case) -> Option<Outcome> {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--ignored"])
        .env(CASE, serde_json::to_string(case).unwrap())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output();
    let output = output.await.unwrap().stdout;
    let printed = String::from_utf8_lossy(&output);
    let (_, outcome) = printed.lines().find_map(|line| line.split_once(MARK))?;
    Some(serde_json::from_str(outcome).unwrap())
}

fn model(case: &Case) -> Model {
    let builder = match &*case.protocol {
        "openai" => openai("gpt-4o-mini"),
        "responses" => openai_responses("gpt-5"),
        "anthropic" => anthropic("claude-sonnet-4-5"),
        _ => gemini("gemini-2.5-flash"),
    };
    builder.base_url(format!("{}/v1", case.url)).api_key("sk-hostile-123456").build().unwrap()
}

async fn ask(case: &Case) -> Result<Message> {
    let model = model(case).timeout(LIMIT);
    if case.is_stream {
        model.stream("Hi").assemble(MessageAssembler::default()).await
    } else {
        model.invoke("Hi").await
    }
}

/// The most memory so far, in bytes: as Linux counts it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? << 10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is run by another test, in a process of its own"]
async fn child() {
    let Ok(case) = env::var(CASE) else { return };
    let case: Case = serde_json::from_str(&case).unwrap();
    let before = peak();
    let start = Instant::now();
    let asked = ask(&case).await;
    let millis = u64::try_from(start.elapsed().as_millis()).unwrap();
    let error = asked.err();
    let outcome = Outcome {
        kind: error.as_ref().map_or_else(String::new, |error| error.kind().name().to_owned()),
        error: error.map(|error| error.message().to_owned()),
        millis,
        memory: peak().zip(before).map(|(after, before)| after - before),
    };
    println!("\n{MARK}{}", serde_json::to_string(&outcome).unwrap());
}
