//! The simulated models: what they know, and how they fail.

use catena::Result;
use catena_llm::simulator::{Answer, Fault, Provider, Request, Simulator};
use std::time::Duration;

/// `--fail claude=429`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    provider: Provider,
    /// The model of first choice.
    model: &'static str,
    how: How,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Status(u16),
    Timeout,
    Cut,
    Malformed,
    Empty,
}

impl std::str::FromStr for Failure {
    type Err = String;

    fn from_str(written: &str) -> std::result::Result<Self, String> {
        let (who, how) = written.split_once('=').ok_or("write MODEL=HOW, such as `claude=429`")?;
        let (provider, model) = match who {
            "gpt" => (Provider::OpenAi, "gpt-4o"),
            "claude" => (Provider::Anthropic, "claude-sonnet-4-5"),
            "gemini" => (Provider::GeminiOpenAi, "gemini-2.5-flash"),
            other => return Err(format!("there is no model `{other}`: there are `gpt`, `claude`, `gemini`")),
        };
        let how = match how {
            "401" | "429" | "500" => How::Status(how.parse().map_err(|_| "not a status".to_owned())?),
            "timeout" => How::Timeout,
            "cut" => How::Cut,
            "malformed" => How::Malformed,
            "empty" => How::Empty,
            other => {
                return Err(format!(
                    "a model fails by `401`, `429`, `500`, `timeout`, `cut`, `malformed` or `empty`, not by `{other}`"
                ));
            }
        };
        Ok(Failure { provider, model, how })
    }
}

pub(crate) async fn start(failures: &[Failure]) -> Result<Simulator> {
    let simulator = Simulator::builder().respond(answer).start().await?;
    for Failure { provider, model, how } in failures.iter().copied() {
        let first_choice = simulator.script((provider, model));
        let whole_provider = || simulator.script(provider);
        let _script = match how {
            How::Status(429) => first_choice.fail(Fault::status(429).retry_after(Duration::from_millis(300))).times(2),
            How::Status(401) => whole_provider().fail(Fault::status(401)).always(),
            How::Status(status) => first_choice.fail(Fault::status(status)).times(2),
            How::Timeout => first_choice.fail(Fault::Hang).always(),
            How::Cut => whole_provider().fail(Fault::Cut { after: 1 }).always(),
            How::Malformed => first_choice.fail(Fault::malformed_body()).times(2),
            How::Empty => first_choice.fail(Fault::EmptyAnswer).times(2),
        };
    }
    Ok(simulator)
}

/// What a simulated model knows: a little, in its own words; of everything else, only what was asked.
fn answer(request: &Request) -> Answer {
    let asked = request.last_user();
    let known = KNOWN.iter().find(|(topic, _)| asked.to_lowercase().contains(topic));
    let text = match (known, request.provider) {
        (Some((_, [first, _, _])), Provider::OpenAi) => (*first).to_owned(),
        (Some((_, [_, second, _])), Provider::Anthropic) => (*second).to_owned(),
        (Some((_, [_, _, third])), _) => (*third).to_owned(),
        (None, _) => format!("A simulated model knows nothing of this: {}", asked.trim()),
    };
    let latency = match request.provider {
        Provider::OpenAi => 320,
        Provider::Anthropic => 450,
        _ => 210,
    };
    Answer::new(text).latency(Duration::from_millis(latency))
}

const KNOWN: &[(&str, [&str; 3])] = &[
    (
        "quantum computing",
        [
            "Quantum computing uses qubits, which can be in a superposition of states, to solve certain problems faster than classical computers.",
            "Quantum computing uses qubits and their superposition of states to solve certain problems faster than classical computers can.",
            "It is a field of computer science that builds machines on the laws of quantum mechanics.",
        ],
    ),
    (
        "rust",
        [
            "Rust is a systems programming language that guarantees memory safety without a garbage collector.",
            "Rust is a systems programming language that offers memory safety without using a garbage collector.",
            "Rust is a programming language for systems that is memory safe and has no garbage collector.",
        ],
    ),
    (
        "capital of australia",
        [
            "The capital of Australia is Canberra.",
            "Canberra is the capital of Australia.",
            "The capital of Australia is Sydney.",
        ],
    ),
];
