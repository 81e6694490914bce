//! Nothing that this crate or a crate beneath it logs, at any level, has a secret in it.
//!
//! The logger of the crate `log` is one for the whole process, so this test is not in the suite, whose tests leave what
//! is global alone.

use catena::{Retry, RunnableExt, StepExt};
use catena_llm::{
    MessageAssembler, ModelBuilder, anthropic, gemini, gemini_openai, ollama, openai, openai_compatible,
    openai_responses,
    simulator::{BadBody, Fault, Provider, Simulator},
};
use serde_json::json;
use std::{
    fmt::{self, Write},
    sync::{LazyLock, Mutex},
    time::Duration,
};
use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::{Interest, NoSubscriber},
};

const KEY: &str = "sk-logged-very/secret+key";
const QUERY: &str = "query-secret-123456";
const HEADER: &str = "header-secret-123456";

static LOG: Mutex<String> = Mutex::new(String::new());

fn write(line: impl fmt::Display) {
    let mut log = LOG.lock().unwrap();
    let _ = writeln!(log, "{line}");
}

/// The logger of `log`.
struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        write(format_args!("log {} {}: {}", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}

/// The subscriber of `tracing`, for all targets and levels.
struct Everything;

struct Fields(&'static str);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write(format_args!("tracing {} {field}={value:?}", self.0));
    }
}

impl Subscriber for Everything {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::always()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Fields(span.metadata().name()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields("record"));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Fields(event.metadata().target()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn builders(sim: &Simulator) -> Vec<(Provider, ModelBuilder)> {
    let url = |provider| sim.base_url(provider);
    let with_query = format!("{}?api_key={QUERY}", url(Provider::OpenAi));
    let builders = [
        (Provider::OpenAi, openai("gpt-4o-mini").base_url(with_query.as_str())),
        (Provider::OpenAiResponses, openai_responses("gpt-5").base_url(with_query.as_str())),
        (Provider::OpenAi, openai_compatible(with_query, "llama3.2")),
        (Provider::OpenAi, ollama("llama3.2").base_url(url(Provider::OpenAi))),
        (Provider::Anthropic, anthropic("claude-sonnet-4-5").base_url(url(Provider::Anthropic))),
        (Provider::Gemini, gemini("gemini-2.5-flash").base_url(url(Provider::Gemini))),
        (Provider::GeminiOpenAi, gemini_openai("gemini-2.5-flash").base_url(url(Provider::GeminiOpenAi))),
    ];
    let with_key = |(provider, builder): (Provider, ModelBuilder)| {
        (provider, builder.api_key(KEY).header("x-tenant", format!("Token {HEADER}")))
    };
    builders.into_iter().map(with_key).collect()
}

/// `query` is the secret in the base URL, if there is one.
fn faults(query: &str) -> Vec<Option<Fault>> {
    let quoted = |code: u16| {
        let words = format!("Incorrect key {KEY} ({HEADER}), asked by ?api_key={query}, {query}.");
        Some(Fault::from(Fault::status(code).message(words)))
    };
    vec![
        None,
        quoted(401),
        quoted(429),
        quoted(500),
        Some(Fault::status(502).into()),
        Some(Fault::Vanish),
        Some(Fault::Cut { after: 1 }),
        Some(Fault::CutEvent { after: 1 }),
        Some(Fault::EarlyEnd { after: 1 }),
        Some(Fault::MalformedEvent { after: 1 }),
        Some(Fault::ErrorEvent { after: 1 }),
        Some(Fault::html_body()),
        Some(Fault::malformed_body()),
        Some(Fault::empty_body()),
        Some(Fault::Body(BadBody::Json(json!({ "error": { "message": format!("no {KEY}") } })))),
        Some(Fault::EmptyAnswer),
        Some(Fault::Refusal),
        Some(Fault::TruncatedArguments),
    ]
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_logs_a_secret() {
    static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    // While there is only one subscriber, `tracing` remembers the answer of a thread that has none.
    LazyLock::force(&SECOND);
    let _tracing = tracing::dispatcher::set_default(&Dispatch::new(Everything));

    let sim = Simulator::start().await.unwrap();
    let mut errors = 0;
    for (at, (provider, builder)) in builders(&sim).into_iter().enumerate() {
        let model = builder.clone().build().unwrap();
        write(format_args!("{builder:?} {model:?} {}", RunnableExt::<String>::manifest(&model).json()));
        // The first three have a secret in their base URL.
        for fault in faults(if at < 3 { QUERY } else { "none" }) {
            if let Some(fault) = fault {
                sim.script(provider).fail(fault).times(4);
            }
            let chat = model.clone().retry(Retry::attempts(2).base(Duration::ZERO));
            let outcomes =
                [chat.invoke("Hello").await, chat.stream("Hello").assemble(MessageAssembler::default()).await];
            for outcome in outcomes {
                errors += usize::from(outcome.is_err());
                write(format_args!("{outcome:?}"));
                if let Err(error) = outcome {
                    write(format_args!("{error} {error:#} {}", json!(error)));
                }
            }
            // Those that were not used up.
            while sim.requests().last().is_some_and(|last| last.status != Some(200)) && model.invoke("?").await.is_err()
            {
            }
        }
    }
    // A server that is not there.
    for builder in [openai("m"), openai_compatible("http://localhost", "m")] {
        let url = format!("http://127.0.0.1:9/v1?api_key={QUERY}");
        let model = builder.base_url(url).api_key(KEY).build().unwrap();
        let error = model.invoke("Hello").await.unwrap_err();
        write(format_args!("{error} {error:?} {}", json!(error)));
    }
    assert!(errors > 100, "{errors}");
    let log = std::mem::take(&mut *LOG.lock().unwrap());
    assert!(log.contains("log ") && log.contains("tracing "), "nothing was logged");
    for secret in [KEY, QUERY, HEADER, "very/secret", "very%2Fsecret"] {
        let found: Vec<&str> = log.lines().filter(|line| line.contains(secret)).take(3).collect();
        assert!(found.is_empty(), "{secret}: {found:#?}");
    }
}
