//! The chat models against mock servers that others wrote: what we take the providers' protocols for is not only what our
//! own simulator speaks.
//!
//! Where these are not installed, the tests say so and pass; `CATENA_REQUIRE_MOCKS=1` makes that a failure:
//!
//! ```sh
//! cd llm/tests/suite/cross_check
//! npm ci
//! python3 -m venv venv && venv/bin/pip install -r requirements.txt
//! ```
#![cfg(feature = "providers")]

use catena::{Error, Result, Retry, Runnable, RunnableExt, StepExt};
use catena_llm::{
    FinishReason, Message, MessageAssembler, MessageChunk, Messages, Model, anthropic, gemini, openai,
    openai_compatible,
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const TEXT: &str = "Bits that are both für sich and neither.";
const KEY: &str = "sk-very-secret";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    OpenAi,
    Compatible,
    Anthropic,
    Gemini,
}

const WAYS: [Way; 4] = [Way::OpenAi, Way::Compatible, Way::Anthropic, Way::Gemini];

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Whole,
    Streamed,
}

const HOWS: [How; 2] = [How::Whole, How::Streamed];

impl How {
    async fn ask<R>(self, model: &R, prompt: &str) -> Result<Message>
    where
        R: Runnable<Messages, Output = Message, Chunk = MessageChunk>,
    {
        let prompt = Messages::from([Message::system("Be brief."), Message::user(prompt)]);
        match self {
            How::Whole => model.invoke(prompt).await,
            How::Streamed => model.stream(prompt).assemble(MessageAssembler::default()).await,
        }
    }
}

/// A server in a process of its own, ended with this.
struct Mock {
    process: Child,
    openai: String,
    anthropic: String,
    gemini: String,
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Mock {
    fn model(&self, way: Way) -> Model {
        let builder = match way {
            Way::OpenAi => openai("gpt-4o").base_url(&self.openai),
            Way::Compatible => openai_compatible(&self.openai, "gpt-4o"),
            Way::Anthropic => anthropic("claude-sonnet-4-5").base_url(&self.anthropic),
            Way::Gemini => gemini("gemini-2.5-flash").base_url(&self.gemini),
        };
        builder.api_key(KEY).build().unwrap()
    }

    async fn ask(&self, way: Way, how: How, prompt: &str) -> Result<Message> {
        how.ask(&self.model(way), prompt).await
    }

    async fn fails(&self, way: Way, how: How, prompt: &str) -> Error {
        let error = self.ask(way, how, prompt).await.expect_err(&format!("{way:?} {how:?} {prompt}"));
        let printed = format!("{error} {error:?} {}", json!(error));
        assert!(!printed.contains(KEY), "{way:?} {how:?} {prompt}: {printed}");
        error
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite/cross_check")
}

fn skip(why: &str) {
    assert!(std::env::var_os("CATENA_REQUIRE_MOCKS").is_none(), "{why}");
    // Not `eprintln!`, which the test harness keeps to itself when a test passes. It names the thread after the test.
    let thread = std::thread::current();
    writeln!(std::io::stderr().lock(), "SKIPPED: {}: {why}", thread.name().unwrap_or_default()).unwrap();
}

fn kind(error: &Error) -> &'static str {
    error.kind().name()
}

/// What a status is to be.
fn of_status(status: u16) -> &'static str {
    match status {
        401 | 403 => "auth",
        429 => "rate_limited",
        500.. => "unavailable",
        _ => "bad_input",
    }
}

fn aimock() -> Option<Mock> {
    if !folder().join("node_modules/@copilotkit/aimock").exists() {
        return None;
    }
    let mut process = Command::new("node")
        .arg(folder().join("aimock.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut url = String::new();
    BufReader::new(process.stdout.take()?).read_line(&mut url).ok()?;
    let url = url.trim();
    let version = |path: &str| format!("{url}{path}");
    Some(Mock { process, openai: version("/v1"), anthropic: version("/v1"), gemini: version("/v1beta") })
}

#[tokio::test]
async fn aimock_is_understood() {
    let Some(mock) = aimock() else {
        return skip("aimock is not here: install node, then run `npm ci` in llm/tests/suite/cross_check");
    };
    for way in WAYS {
        for how in HOWS {
            let at = format!("{way:?} {how:?}");
            let answer = mock.ask(way, how, "answer").await.unwrap();
            assert_eq!((answer.text(), answer.finish_reason()), (TEXT, Some(&FinishReason::Stop)), "{at}");
            assert!(answer.usage().is_some(), "{at}");
            let answer = mock.ask(way, how, "one tool").await.unwrap();
            let [call] = answer.tool_calls() else { panic!("{at}: {answer:?}") };
            assert_eq!(
                (call.name.as_str(), answer.finish_reason()),
                ("weather", Some(&FinishReason::ToolCalls)),
                "{at}"
            );
            assert_eq!(call.arguments::<Value>().unwrap(), json!({"city": "Oslo", "days": 3}), "{at}");
            let answer = mock.ask(way, how, "two tools").await.unwrap();
            let names: Vec<_> = answer.tool_calls().iter().map(|call| call.name.as_str()).collect();
            assert_eq!(names, ["weather", "clock"], "{at}");
            assert_eq!(answer.tool_calls()[1].arguments::<Value>().unwrap(), json!({}), "{at}");

            for status in [400, 401, 403, 404, 429, 500, 502, 503, 529] {
                let error = mock.fails(way, how, &format!("status {status}")).await;
                assert_eq!(kind(&error), of_status(status), "{at} {status}: {error}");
                assert!(error.message().contains(&format!("No: {status}.")), "{at}: {error}");
            }
            let error = mock.fails(way, how, "limit").await;
            assert_eq!((kind(&error), error.retry_after()), ("rate_limited", Some(Duration::from_secs(1))), "{at}");
            for (prompt, wanted) in
                [("drop", "unavailable"), ("malformed", "parse"), ("disconnect", "unavailable"), ("empty", "parse")]
            {
                let error = mock.fails(way, how, prompt).await;
                assert_eq!(kind(&error), wanted, "{at} {prompt}: {error}");
            }
            let model = mock.model(way).timeout(Duration::from_millis(300));
            if how == How::Streamed {
                for prompt in ["truncate", "leave"] {
                    let error = mock.fails(way, how, prompt).await;
                    assert_eq!(kind(&error), "unavailable", "{at} {prompt}: {error}");
                }
                assert_eq!(kind(&how.ask(&model, "stall").await.unwrap_err()), "timeout", "{at}");
            }
        }
    }
}

#[tokio::test]
async fn a_character_that_is_cut_in_halves_is_joined() {
    let Some(mock) = aimock() else { return skip("aimock is not here") };
    for way in WAYS {
        let crabs = "🦀".repeat(6);
        for how in [How::Streamed, How::Whole] {
            assert_eq!(mock.ask(way, how, "half a character").await.unwrap().text(), crabs, "{way:?} {how:?}");
        }
    }
}

#[tokio::test]
async fn arguments_that_are_no_json_are_kept_as_they_came() {
    let Some(mock) = aimock() else { return skip("aimock is not here") };
    for how in HOWS {
        let answer = mock.ask(Way::OpenAi, how, "broken arguments").await.unwrap();
        let [call] = answer.tool_calls() else { panic!("{how:?}: {answer:?}") };
        assert_eq!((call.name.as_str(), call.raw_arguments.as_str()), ("weather", "{\"city\":\"Os"), "{how:?}");
        assert!(call.arguments::<Value>().is_err(), "{how:?}");
    }
}

async fn llmock(arguments: &[&str]) -> Option<Mock> {
    let program = folder().join("venv/bin/llmock");
    if !program.exists() {
        return None;
    }
    let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    let process = Command::new(program)
        .args(["serve", "--host", "127.0.0.1", "--log-level", "error", "--response-style", "echo"])
        .args(["--port", &port.to_string()])
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .ok()?;
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let mock = Mock { process, openai: url("/v1"), anthropic: url("/anthropic/v1"), gemini: url("/gemini/v1beta") };
    let start = Instant::now();
    while crate::client().get(url("/_llmock/scenario")).send().await.is_err() {
        assert!(start.elapsed() < Duration::from_mins(1), "llmock does not answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Some(mock)
}

impl Mock {
    /// What llmock is to do with the next requests.
    async fn plan(&self, behaviour: Value) {
        let control = self.openai.replace("/v1", "/_llmock/scenario");
        let client = crate::client();
        client.delete(&control).send().await.unwrap();
        let sent = client.post(&control).json(&json!({ "behaviors": [behaviour] })).send().await.unwrap();
        assert_eq!(sent.status(), 201, "{}", sent.text().await.unwrap());
    }
}

#[tokio::test]
async fn llmock_is_understood() {
    let Some(mock) = llmock(&[]).await else {
        return skip("llmock is not here: see llm/tests/suite/cross_check.rs for how to install it");
    };
    for way in WAYS {
        for how in HOWS {
            let at = format!("{way:?} {how:?}");
            let answer = mock.ask(way, how, "Anything new?").await.unwrap();
            assert!(answer.text().contains("Anything new?"), "{at}: {answer}");
            assert!(answer.usage().is_some_and(|usage| usage.output_tokens > 0), "{at}: {answer:?}");
            assert_eq!(answer.finish_reason(), Some(&FinishReason::Stop), "{at}");

            let call = json!({"name": "weather", "arguments": {"city": "Oslo", "when": "tomorrow morning"}});
            mock.plan(json!({"type": "reply", "tool_calls": [call]})).await;
            let answer = mock.ask(way, how, "Weather?").await.unwrap();
            let [found] = answer.tool_calls() else { panic!("{at}: {answer:?}") };
            assert_eq!(found.arguments::<Value>().unwrap(), call["arguments"], "{at}");

            for status in [400, 401, 403, 404, 422, 429, 500, 502, 503, 504, 529] {
                mock.plan(json!({"type": "fail", "status": status, "message": "No."})).await;
                let error = mock.fails(way, how, "Hello").await;
                assert_eq!(kind(&error), of_status(status), "{at} {status}: {error}");
                assert!(error.message().contains("No."), "{at} {status}: {error}");
            }
            mock.plan(json!({"type": "fail", "status": 429, "retry_after": 7})).await;
            let error = mock.fails(way, how, "Hello").await;
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{at}: {error:?}");

            // What fails twice succeeds the third time, and its tokens are told as if nothing had been.
            mock.plan(json!({"type": "fail", "status": 503, "times": 2})).await;
            let patient = mock.model(way).retry(Retry::attempts(3).base(Duration::ZERO));
            // A 503 of theirs asks for a second's patience.
            assert!(how.ask(&patient, "Hello").await.unwrap().text().contains("Hello"), "{at}");
        }
        for (fault, wanted) in [
            ("disconnect", "unavailable"),
            ("truncate", "unavailable"),
            ("malformed", "unavailable"),
            ("stall", "timeout"),
        ] {
            for after in [0, 1, 3] {
                mock.plan(json!({"type": "stream_fault", "kind": fault, "after_chunks": after})).await;
                let model = mock.model(way).timeout(Duration::from_millis(500));
                let result = How::Streamed.ask(&model, "Say a good deal of words, please.").await;
                let error = result.expect_err(&format!("{way:?} {fault} {after}"));
                // Nothing at all is a body that is no stream.
                let nothing = after == 0 && fault == "truncate";
                assert!(
                    kind(&error) == wanted || (nothing && kind(&error) == "parse"),
                    "{way:?} {fault} {after}: {error}"
                );
            }
        }
    }
}

#[tokio::test]
async fn llmocks_quotas_say_when_to_come_back() {
    let Some(mock) = llmock(&["--rpm", "1"]).await else { return skip("llmock is not here") };
    mock.ask(Way::OpenAi, How::Whole, "Hello").await.unwrap();
    let error = mock.fails(Way::OpenAi, How::Whole, "Hello").await;
    assert_eq!(kind(&error), "rate_limited", "{error}");
    assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_secs(10)), "{error:?}");
}
