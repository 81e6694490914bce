//! No key, and no header that has one, is anywhere where it could be read.

use crate::dispatch::dispatch;
use catena::{Config, Result, RunnableExt, StepExt};
use catena_llm::{
    ChatModel, Message, MessageAssembler, ModelBuilder, Spending, anthropic,
    budget::Budget,
    cache::SqliteCache,
    gemini, gemini_openai, ollama, openai, openai_compatible,
    simulator::{Fault, Provider, Simulator},
    testing::CassetteMode,
};
use futures_util::StreamExt;
use std::{
    fmt,
    sync::{Arc, Mutex},
};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::{self, SubscriberExt},
    registry::LookupSpan,
};

const KEY: &str = "qx7-very/secret+key";
const HEADER: &str = "qx8-gateway/secret";

/// A key in whichever form it may be quoted.
const FORMS: [&str; 5] = ["qx7-very", "secret+key", "secret%2Bkey", "qx8-gateway", "Bearer"];

/// What is logged: every field of every span and event, of whichever level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        use fmt::Write;
        writeln!(self.0.lock().unwrap(), "{} = {value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: layer::Context<'_, S>) {
        attributes.record(&mut self.clone());
    }

    fn on_record(&self, _: &Id, record: &Record<'_>, _: layer::Context<'_, S>) {
        record.record(&mut self.clone());
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: layer::Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

fn builders(sim: &Simulator) -> Vec<(Provider, ModelBuilder)> {
    let url = |provider| sim.base_url(provider);
    [
        (Provider::OpenAi, openai("gpt-4o-mini")),
        (Provider::Anthropic, anthropic("claude-sonnet-4-5")),
        (Provider::Gemini, gemini("gemini-2.5-flash")),
        (Provider::GeminiOpenAi, gemini_openai("gemini-2.5-flash")),
        (Provider::OpenAi, ollama("llama3.2")),
        (Provider::OpenAi, openai_compatible(url(Provider::OpenAi), "llama3.2")),
    ]
    .into_iter()
    .map(|(provider, builder)| {
        let builder = builder.base_url(url(provider)).api_key(KEY).header("x-gateway", format!("Token {HEADER}"));
        (provider, builder)
    })
    .collect()
}

#[tokio::test(flavor = "current_thread")]
async fn no_key_is_in_errors_logs_events_descriptions_cassettes_or_caches() {
    let log = Log::default();
    let subscriber = dispatch(tracing_subscriber::registry().with(log.clone()));
    let _logging = tracing::dispatcher::set_default(&subscriber);

    let folder = tempfile::tempdir().unwrap();
    let mut seen: Vec<(String, String)> = Vec::new();
    let sim = Simulator::start().await.unwrap();
    for (at, (provider, builder)) in builders(&sim).into_iter().enumerate() {
        let model = builder.clone().build().unwrap();
        let name = format!("{at} {}", model.model().name());
        let mut see = |what: &str, text: String| seen.push((format!("{name}: {what}"), text));
        see("builder", format!("{builder:?}"));
        see("model", format!("{model:?} {:?}", model.model()));
        see("manifest", RunnableExt::<String>::manifest(&model).json().to_string());
        see("graph", RunnableExt::<String>::graph(&model).to_string());

        let tape = folder.path().join(format!("{at}.json"));
        let store = SqliteCache::open(folder.path().join(format!("{at}.db"))).await.unwrap();
        let chat = model.clone().on_cassette_in(CassetteMode::Record, &tape).unwrap().cached(store);
        see("wrapped", format!("{chat:?} {}", RunnableExt::<String>::manifest(&chat).json()));
        let (budget, spending) = (Budget::tokens(1_000_000), Spending::new());
        let observed = || Config::new().with(budget.clone()).with(spending.clone()).observe(catena::Spans);
        let answer = chat.clone().retry(2).invoke_with("Hello", observed()).await.unwrap();
        see("answer", format!("{answer:?} {}", serde_json::to_string(&answer).unwrap()));
        let streamed = chat.stream_with("Hello again", observed()).assemble(MessageAssembler::default()).await;
        see("streamed", format!("{:?}", streamed.unwrap()));
        see("accounts", format!("{budget:?} {spending:?} {:?}", observed()));
        let events: Vec<_> = model.events("Hello").collect().await;
        see("events", format!("{events:?}"));

        // What fails is worse: bodies and client libraries quote what was sent.
        let faults: [Fault; 4] =
            [Fault::status(401).into(), Fault::status(500).into(), Fault::Cut { after: 1 }, Fault::Vanish];
        for fault in faults {
            let shown = format!("{fault:?}");
            sim.script(provider).fail(fault.clone()).fail(fault);
            let called: Result<Message> = model.clone().invoke_with("Fail", observed()).await;
            let streamed = model.stream_with("Fail", observed()).assemble(MessageAssembler::default()).await;
            for error in [called.err(), streamed.err()].into_iter().flatten() {
                see(&shown, format!("{error} {error:?} {}", serde_json::to_string(&error).unwrap()));
            }
        }
        let refused = openai("gpt-4o").base_url("http://127.0.0.1:1/v1").api_key(KEY).header("x-gateway", HEADER);
        let error = refused.build().unwrap().invoke("?").await.unwrap_err();
        see("unreachable", format!("{error} {error:?}"));
    }
    assert!(log.text().len() > 1000, "nothing was logged");
    seen.push(("logs".to_owned(), log.text()));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        seen.push((path.display().to_string(), String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned()));
    }
    assert!(seen.iter().any(|(what, text)| what.ends_with("0.json") && text.contains("Hello again")));
    for (what, text) in &seen {
        for form in FORMS {
            assert!(!text.contains(form), "{form} is in {what}: {text}");
        }
        assert!(!text.to_lowercase().contains("authorization:"), "{what}: {text}");
    }
}

#[tokio::test]
async fn a_server_that_quotes_a_key_does_not_get_it_into_the_error() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 64 * 1024];
            let length = socket.read(&mut request).await.unwrap();
            let quoted = String::from_utf8_lossy(&request[..length]).into_owned();
            let body = serde_json::json!({ "error": { "message": quoted, "code": HEADER } }).to_string();
            let head = format!(
                "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nx-request-id: {HEADER}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            socket.write_all((head + &body).as_bytes()).await.unwrap();
        }
    });
    let model =
        openai_compatible(url, "m").api_key(KEY).header("x-gateway", format!("Token {HEADER}")).build().unwrap();
    let called = model.invoke("Hello there").await.unwrap_err();
    let streamed = model.stream("Hello there").next().await.unwrap().unwrap_err();
    server.await.unwrap();
    for error in [called, streamed] {
        let text = format!("{error} {error:?} {} {:?}", serde_json::to_string(&error).unwrap(), error.source());
        assert!(text.contains("[redacted]"), "{text}");
        for form in ["qx7-very", "secret+key", "qx8-gateway"] {
            assert!(!text.contains(form), "{text}");
        }
    }
}
