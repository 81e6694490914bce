//! What a user gets of every fault, from every provider, over real HTTP. The table in `docs/faults.md` is what is found
//! here: `UPDATE_FAULTS=1 cargo test -p catena-llm --all-features faults` writes it again.
#![cfg(all(feature = "providers", feature = "simulator"))]

mod lenient;
mod told;

use catena::{Error, Result, Retry, Runnable, RunnableExt, StepExt};
use catena_llm::{
    FinishReason, Message, MessageAssembler, MessageChunk, Messages, Model, anthropic, gemini, gemini_openai, openai,
    openai_responses,
    simulator::{BadBody, Fault, Provider, Simulator},
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use std::{fmt::Write, path::Path, time::Duration};

pub(crate) const KEY: &str = "sk-very/secret+key";
const TEXT: &str = "Überraschend 🦀 schön, wie schnell das geht.";

pub(crate) fn model(provider: Provider, sim: &Simulator) -> Model {
    let builder = match provider {
        Provider::Anthropic => anthropic("claude-sonnet-4-5"),
        Provider::Gemini => gemini("gemini-2.5-flash"),
        Provider::GeminiOpenAi => gemini_openai("gemini-2.5-flash"),
        Provider::OpenAiResponses => openai_responses("gpt-4o-mini"),
        _ => openai("gpt-4o-mini"),
    };
    builder.base_url(sim.base_url(provider)).api_key(KEY).build().unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum How {
    Whole,
    Streamed,
}

pub(crate) const HOWS: [How; 2] = [How::Whole, How::Streamed];

impl How {
    pub(crate) async fn ask<R>(self, model: &R) -> Result<Message>
    where
        R: Runnable<Messages, Output = Message, Chunk = MessageChunk>,
    {
        let prompt = Messages::from([Message::user("What is quantum computing?")]);
        match self {
            How::Whole => model.invoke(prompt).await,
            How::Streamed => model.stream(prompt).assemble(MessageAssembler::default()).await,
        }
    }
}

/// What an answer is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted {
    /// As if nothing had happened.
    Answer,
    /// An error.
    Error,
    /// Either, as the provider's protocol has it.
    Either,
}

struct Case {
    name: &'static str,
    fault: Fault,
    wanted: Wanted,
    /// The chain's own limit, where nothing else ends the wait.
    timeout: Option<Duration>,
}

fn case(name: &'static str, fault: impl Into<Fault>, wanted: Wanted) -> Case {
    Case { name, fault: fault.into(), wanted, timeout: None }
}

fn cases() -> Vec<Case> {
    use Wanted::{Answer, Either, Error};
    // Long enough for the request to arrive, on a slow machine too.
    let limited = |case: Case| Case { timeout: Some(Duration::from_secs(1)), ..case };
    let soon = Duration::from_millis(500);
    let other = json!({"status": "ok"});
    vec![
        case("401", Fault::status(401), Error),
        case("429", Fault::status(429), Error),
        case("429 that says when to come back", Fault::status(429).retry_after(soon), Error),
        case("500", Fault::status(500), Error),
        case("502, an HTML page", Fault::status(502), Error),
        case("503", Fault::status(503), Error),
        case("529", Fault::status(529), Error),
        case("the first byte is slow", Fault::Slow(Duration::from_millis(30)), Answer),
        limited(case("no byte ever comes, under a `timeout`", Fault::Hang, Error)),
        limited(case("it stands still midway, under a `timeout`", Fault::Stall { after: 2 }, Error)),
        case("closed before the first byte", Fault::Vanish, Error),
        case("cut between two events", Fault::Cut { after: 2 }, Error),
        case("cut within an event", Fault::CutEvent { after: 2 }, Error),
        case("ends cleanly, but early", Fault::EarlyEnd { after: 2 }, Error),
        case("ends cleanly before anything is said", Fault::EarlyEnd { after: 0 }, Error),
        case("the mark of the end is missing", Fault::NoEndMark, Answer),
        case("characters torn over packets", Fault::SplitUtf8, Answer),
        case("an event that is no JSON", Fault::MalformedEvent { after: 2 }, Error),
        case("an error event midway", Fault::ErrorEvent { after: 2 }, Error),
        case("200 with an HTML page", Fault::html_body(), Error),
        case("200 with other JSON", Fault::Body(BadBody::Json(other)), Error),
        case("200 with half of the JSON", Fault::malformed_body(), Error),
        case("200 with nothing", Fault::empty_body(), Error),
        case("an empty answer", Fault::EmptyAnswer, Error),
        case("the model refuses", Fault::Refusal, Error),
        case("a tool's arguments are cut short", Fault::TruncatedArguments, Either),
        case("an answer of a megabyte", Fault::Huge(1 << 20), Answer),
    ]
}

/// What became of a request: what the table says, and whether it was sent again.
async fn outcome(provider: Provider, how: How, case: &Case) -> (String, String) {
    let sim = Simulator::builder().respond(|_| TEXT).start().await.unwrap();
    sim.script(provider).fail(case.fault.clone()).always();
    let retry = Retry::attempts(2).base(Duration::ZERO);
    let model = model(provider, &sim);
    let result = match case.timeout {
        Some(limit) => how.ask(&model.timeout(limit).retry(retry)).await,
        None => how.ask(&model.retry(retry)).await,
    };
    let name = case.name;
    match case.wanted {
        Wanted::Answer => assert!(result.is_ok(), "{provider} {how:?} {name}: {result:?}"),
        Wanted::Error => assert!(result.is_err(), "{provider} {how:?} {name}: {result:?}"),
        Wanted::Either => {}
    }
    match result {
        Ok(answer) => (read(&answer, case), "–".to_owned()),
        Err(error) => {
            let printed = format!("{error} {error:?} {}", json!(error));
            assert!(!printed.contains(KEY), "{provider} {how:?} {name}: {printed}");
            let sent = sim.requests().len();
            assert_eq!(error.attempts().max(1) as usize, sent, "{provider} {how:?} {name}");
            let again = match error.retry_after() {
                Some(wait) if sent > 1 => format!("yes, after {wait:?}"),
                _ if sent > 1 => "yes".to_owned(),
                _ => "no".to_owned(),
            };
            (said(&error, &sim), again)
        }
    }
}

fn read(answer: &Message, case: &Case) -> String {
    if let [call] = answer.tool_calls() {
        assert_eq!(answer.finish_reason(), Some(&FinishReason::Length));
        return match call.arguments::<Value>() {
            Ok(arguments) => format!("the call, with the arguments `{arguments}` and the finish reason `length`"),
            Err(_) => "the call, with the finish reason `length`; its `arguments()` are an error".to_owned(),
        };
    }
    match case.fault {
        Fault::Huge(bytes) => assert_eq!(answer.text().len(), bytes),
        _ => assert_eq!(answer.text(), TEXT),
    }
    assert!(answer.usage().is_some() && answer.finish_reason() == Some(&FinishReason::Stop), "{answer:?}");
    "the answer".to_owned()
}

fn said(error: &Error, sim: &Simulator) -> String {
    let message = error.message().replace(&sim.address().to_string(), "the host");
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    // Where half of a JSON ends, is the simulator's affair.
    let message = message.split(" at line ").next().unwrap_or_default().to_owned()
        + match message.split_once(" column ") {
            Some((_, rest)) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => "",
        };
    // What the network says differs from system to system.
    let message = match message.split_once(": ") {
        Some((what, _)) if what.ends_with("broke off") || what.ends_with("failed") => what.to_owned(),
        _ => message,
    };
    let message = match message.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", message[..end].trim_end()),
        None => message,
    };
    format!("`{}`: `{}`", error.kind().name(), message.replace('`', "'"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_says_what_a_user_gets() {
    let cases = cases();
    let cells = Provider::ALL.into_iter().flat_map(|provider| cases.iter().map(move |case| (provider, case)));
    let rows: Vec<(Provider, String)> = stream::iter(cells)
        .map(|(provider, case)| async move {
            let (whole, again) = outcome(provider, How::Whole, case).await;
            let (streamed, streamed_again) = outcome(provider, How::Streamed, case).await;
            (provider, format!("| {} | {whole} | {again} | {streamed} | {streamed_again} |", case.name))
        })
        .buffered(16)
        .collect()
        .await;
    let mut tables = String::new();
    for provider in Provider::ALL {
        let _ = write!(tables, "\n## {provider}\n\n| what goes wrong | whole answer | again? | streamed | again? |\n");
        tables += "|---|---|---|---|---|\n";
        for (_, row) in rows.iter().filter(|(of, _)| *of == provider) {
            tables.extend([row.as_str(), "\n"]);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (intro, known) = page.split_once("\n## ").unwrap();
    if std::env::var_os("UPDATE_FAULTS").is_some() {
        std::fs::write(&path, format!("{intro}{tables}")).unwrap();
    } else {
        let hint = "docs/faults.md is not what happens: look at why, or run this test with UPDATE_FAULTS=1";
        for (now, then) in tables.trim_start().trim_start_matches("## ").lines().zip(known.lines()) {
            assert_eq!(now, then, "{hint}");
        }
        assert_eq!(tables.trim().lines().count(), known.trim().lines().count(), "{hint}");
    }
}
