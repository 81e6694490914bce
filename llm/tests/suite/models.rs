//! Models of every provider over real HTTP, against the simulator.
#![cfg(all(feature = "providers", feature = "simulator"))]

use catena::{Error, ErrorKind, Result, Retry, RunnableExt, StepExt};
use catena_llm::{
    FinishReason, Message, MessageAssembler, MessageChunk, Messages, Model, ModelBuilder, Options, ProviderError, Role,
    Usage, anthropic, gemini, gemini_openai, openai, openai_compatible,
    simulator::{Answer, BadBody, Fault, Outcome, Provider, Simulator},
};
use futures_util::{StreamExt, future::join_all};
use serde_json::json;
use std::time::{Duration, Instant};

const KEY: &str = "sk-very/secret+key";

/// Every way to reach a model, with the simulator's side of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    OpenAi,
    Anthropic,
    Gemini,
    GeminiOpenAi,
    Compatible,
}

const WAYS: [Way; 5] = [Way::OpenAi, Way::Anthropic, Way::Gemini, Way::GeminiOpenAi, Way::Compatible];

impl Way {
    fn provider(self) -> Provider {
        match self {
            Way::OpenAi | Way::Compatible => Provider::OpenAi,
            Way::Anthropic => Provider::Anthropic,
            Way::Gemini => Provider::Gemini,
            Way::GeminiOpenAi => Provider::GeminiOpenAi,
        }
    }

    fn builder(self, sim: &Simulator) -> ModelBuilder {
        let url = sim.base_url(self.provider());
        let builder = match self {
            Way::OpenAi => openai("gpt-4o-mini"),
            Way::Anthropic => anthropic("claude-sonnet-4-5"),
            Way::Gemini => gemini("gemini-2.5-flash"),
            Way::GeminiOpenAi => gemini_openai("gemini-2.5-flash"),
            Way::Compatible => openai_compatible(&url, "llama3.2"),
        };
        builder.base_url(url).api_key(KEY)
    }

    fn model(self, sim: &Simulator) -> Model {
        self.builder(sim).build().unwrap()
    }
}

/// How a model is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Call,
    Stream,
}

const HOWS: [How; 2] = [How::Call, How::Stream];

impl How {
    async fn ask(self, model: &Model, prompt: impl Into<Messages>) -> Result<Message> {
        match self {
            How::Call => model.invoke(prompt.into()).await,
            How::Stream => model.stream(prompt.into()).assemble(MessageAssembler::default()).await,
        }
    }
}

fn question() -> Messages {
    [Message::system("Be brief."), Message::user("What is quantum computing?")].into()
}

async fn failure(way: Way, how: How, fault: impl Into<Fault>) -> Error {
    let sim = Simulator::start().await.unwrap();
    sim.script(way.provider()).fail(fault.into()).always();
    let error = how.ask(&way.model(&sim), question()).await.expect_err(&format!("{way:?} {how:?}"));
    let printed = format!("{error}\n{error:?}\n{}", serde_json::to_string(&error).unwrap());
    assert!(!printed.contains(KEY), "{way:?} {how:?}: {printed}");
    error
}

#[tokio::test]
async fn answers_come_with_all_that_is_known_of_them() {
    for way in WAYS {
        let sim = Simulator::builder().respond(|_| " Bits that are both.\n").start().await.unwrap();
        let model = way.model(&sim);
        let mut answers = Vec::new();
        for how in HOWS {
            let answer = how.ask(&model, question()).await.unwrap();
            assert_eq!(answer.role(), &Role::Assistant, "{way:?} {how:?}");
            assert_eq!(answer.text(), " Bits that are both.\n", "{way:?} {how:?}");
            assert_eq!(answer.model(), Some(catena_llm::ChatModel::name(model.model())), "{way:?} {how:?}");
            assert!(answer.id().is_some_and(|id| !id.is_empty()), "{way:?} {how:?}");
            assert_eq!(answer.finish_reason(), Some(&FinishReason::Stop), "{way:?} {how:?}");
            let request = &sim.requests().pop().unwrap().request;
            assert_eq!((request.system(), request.last_user()), ("Be brief.".into(), "What is quantum computing?"));
            let usage = answer.usage().unwrap();
            assert_eq!(usage, Usage::new(request.prompt_tokens() as u64, 6), "{way:?} {how:?}");
            answers.push(answer);
        }
        // The two differ in nothing but the id.
        let id = "the same";
        assert_eq!(answers[0].clone().with_id(id), answers[1].clone().with_id(id), "{way:?}");
    }
}

#[tokio::test]
async fn streams_come_as_the_model_writes() {
    for way in WAYS {
        let sim = Simulator::builder().respond(|_| "one two three four").start().await.unwrap();
        let chunks: Vec<MessageChunk> = way.model(&sim).stream("Count.").map(|chunk| chunk.unwrap()).collect().await;
        let texts: Vec<_> = chunks.iter().map(|chunk| chunk.text.as_str()).filter(|text| !text.is_empty()).collect();
        assert_eq!(texts, ["one", " two", " three", " four"], "{way:?}");
        assert!(chunks[0].model().is_some(), "{way:?}");
        assert!(chunks.last().unwrap().usage().is_some(), "{way:?}");
        assert_eq!(chunks.last().unwrap().finish_reason(), Some(&FinishReason::Stop), "{way:?}");
    }
}

#[tokio::test]
async fn long_answers_and_torn_characters_arrive_whole() {
    for way in WAYS {
        for how in HOWS {
            let sim = Simulator::builder().respond(|_| "Überraschend 🦀 schön").start().await.unwrap();
            sim.script(way.provider()).fail(Fault::SplitUtf8).fail(Fault::Huge(1 << 20));
            let model = way.model(&sim);
            assert_eq!(how.ask(&model, question()).await.unwrap().text(), "Überraschend 🦀 schön", "{way:?} {how:?}");
            assert_eq!(how.ask(&model, question()).await.unwrap().text().len(), 1 << 20, "{way:?} {how:?}");
        }
    }
}

#[tokio::test]
async fn options_reach_the_provider() {
    let options = Options::new().temperature(0.25).top_p(0.5).max_tokens(3).stop("END").stop("\n\n");
    for way in WAYS {
        let sim = Simulator::builder().respond(|_| "a long answer, much longer than allowed").start().await.unwrap();
        let seeded = if way == Way::Anthropic { options.clone() } else { options.clone().seed(7) };
        let model = way.builder(&sim).options(seeded).build().unwrap();
        for how in HOWS {
            let answer = how.ask(&model, question()).await.unwrap();
            assert_eq!(answer.finish_reason(), Some(&FinishReason::Length), "{way:?} {how:?}");
            let body = sim.requests().pop().unwrap().request.body;
            let (at, names) = match way {
                Way::Anthropic => ("", ["temperature", "top_p", "max_tokens", "stop_sequences", ""]),
                Way::Gemini => {
                    ("/generationConfig", ["temperature", "topP", "maxOutputTokens", "stopSequences", "seed"])
                }
                _ => ("", ["temperature", "top_p", "max_tokens", "stop", "seed"]),
            };
            let values = [json!(0.25), json!(0.5), json!(3), json!(["END", "\n\n"]), json!(7)];
            for (name, value) in names.into_iter().zip(values).filter(|(name, _)| !name.is_empty()) {
                assert_eq!(body.pointer(&format!("{at}/{name}")), Some(&value), "{way:?} {how:?} {name}: {body}");
            }
        }
    }
    let seeded = anthropic("claude-sonnet-4-5").api_key(KEY).options(Options::new().seed(1)).build();
    assert_eq!(seeded.unwrap_err().kind(), &ErrorKind::BadInput);
    for wrong in [Options::new().temperature(f64::NAN), Options::new().top_p(1.5), Options::new().max_tokens(0)] {
        assert_eq!(openai("gpt-4o").api_key(KEY).options(wrong).build().unwrap_err().kind(), &ErrorKind::BadInput);
    }
}

#[tokio::test]
async fn a_model_is_asked_by_the_name_it_was_given() {
    // Names whose ends or beginnings the client would take for something else.
    for (way, name) in [
        (Way::Compatible, "qwen-max"),
        (Way::OpenAi, "ft:gpt-4o-mini:acme::abc123"),
        (Way::Gemini, "gemini-2.5-flash-high"),
        (Way::Gemini, "gemini-3-high"),
    ] {
        let sim = Simulator::start().await.unwrap();
        let url = sim.base_url(way.provider());
        let builder = match way {
            Way::Gemini => gemini(name),
            Way::OpenAi => openai(name),
            _ => openai_compatible(&url, name),
        };
        let model = builder.base_url(url).api_key(KEY).build().unwrap();
        for how in HOWS {
            how.ask(&model, question()).await.unwrap();
            let request = sim.requests().pop().unwrap().request;
            assert_eq!(request.model, name, "{way:?} {how:?}");
            let body = request.body.to_string();
            assert!(!body.contains("effort") && !body.contains("thinking"), "{body}");
        }
    }
}

#[tokio::test]
async fn conversations_and_tool_calls_survive_the_way_there_and_back() {
    for way in WAYS {
        for how in HOWS {
            let sim = Simulator::start().await.unwrap();
            let (first, second) = (json!({"city": "Oslo", "days": 3}), json!({}));
            let calls = Answer::new("").tool_call("weather", first.clone()).tool_call("clock", second.clone());
            sim.script(way.provider()).answer(calls).answer("It rains.");
            let model = way.model(&sim);
            let mut chat = question();
            let answer = how.ask(&model, chat.clone()).await.unwrap();
            assert_eq!(answer.finish_reason(), Some(&FinishReason::ToolCalls), "{way:?} {how:?}");
            let calls = answer.tool_calls();
            let asked: Vec<_> = calls.iter().map(|call| (call.name.as_str(), call.arguments().unwrap())).collect();
            assert_eq!(asked, [("weather", first), ("clock", second)], "{way:?} {how:?}");
            assert_ne!(calls[0].id, calls[1].id, "{way:?} {how:?}");
            chat.extend([answer.clone(), Message::tool(&calls[0].id, "rain"), Message::tool(&calls[1].id, "noon")]);
            assert_eq!(how.ask(&model, chat).await.unwrap().text(), "It rains.", "{way:?} {how:?}");
            let turns = sim.requests().pop().unwrap().request.turns;
            assert!(turns.last().is_some_and(|turn| turn.text.contains("noon")), "{way:?} {how:?}: {turns:?}");
        }
    }
}

/// Fault by fault: the kind of the error, whole and streamed, and what its message says.
#[tokio::test]
async fn faults_are_told_apart() {
    let (not_there, whatever) = ("unavailable", "");
    let cases: Vec<(Fault, [&str; 2], &str)> = vec![
        (Fault::status(400).into(), ["bad_input"; 2], "400 Bad Request"),
        (Fault::status(404).into(), ["bad_input"; 2], "404 Not Found"),
        (Fault::status(422).into(), ["bad_input"; 2], "422 Unprocessable"),
        (Fault::status(401).into(), ["auth"; 2], "401 Unauthorized: "),
        (Fault::status(403).into(), ["auth"; 2], "403 Forbidden"),
        (Fault::status(429).into(), ["rate_limited"; 2], "429 Too Many Requests: "),
        (Fault::status(408).into(), [not_there; 2], "408 Request Timeout"),
        (Fault::status(500).into(), [not_there; 2], "500 Internal Server Error: "),
        (Fault::status(502).into(), [not_there; 2], "502 Bad Gateway"),
        (Fault::status(503).into(), [not_there; 2], "503 Service Unavailable"),
        (Fault::status(529).into(), [not_there; 2], "529"),
        (Fault::Vanish, [not_there; 2], "connection closed"),
        (Fault::Cut { after: 0 }, [not_there; 2], "broke off"),
        (Fault::Cut { after: 2 }, [not_there; 2], "broke off"),
        (Fault::EarlyEnd { after: 2 }, ["parse", not_there], whatever),
        (Fault::MalformedEvent { after: 2 }, ["parse", not_there], "cannot be read"),
        (Fault::ErrorEvent { after: 2 }, [not_there; 2], whatever),
        (Fault::malformed_body(), ["parse"; 2], " sent "),
        (Fault::html_body(), ["parse"; 2], " sent "),
        (Fault::empty_body(), ["parse"; 2], " sent an empty body"),
        (Fault::Body(BadBody::Json(json!({"hello": "world"}))), ["parse"; 2], " sent "),
        (Fault::EmptyAnswer, ["parse"; 2], "the answer is empty"),
    ];
    for (fault, kinds, says) in cases {
        for way in WAYS {
            for (how, kind) in HOWS.into_iter().zip(kinds) {
                let error = failure(way, how, fault.clone()).await;
                assert_eq!(error.kind().name(), kind, "{way:?} {how:?} {fault:?}: {error}");
                assert!(error.message().contains(says), "{way:?} {how:?} {fault:?}: {error}");
                assert!(error.doing().any(|doing| doing.starts_with("asking ") && doing.contains(" at 127.0.0.1:")));
                assert_eq!(error.is_retryable(), !matches!(kind, "bad_input" | "auth"), "{way:?} {how:?}: {error}");
                if let Fault::Status(_) = fault {
                    assert!(error.downcast_ref::<ProviderError>().is_some_and(|said| said.status().is_some()));
                }
            }
        }
    }
}

#[tokio::test]
async fn providers_say_how_long_to_wait() {
    for way in WAYS {
        for how in HOWS {
            for status in [429, 503] {
                let error = failure(way, how, Fault::status(status).retry_after(Duration::from_secs(3))).await;
                assert_eq!(error.retry_after(), Some(Duration::from_secs(3)), "{way:?} {how:?} {status}: {error:?}");
            }
        }
    }
    // A retry waits as long as it is asked to.
    let sim = Simulator::start().await.unwrap();
    sim.script(Provider::OpenAi).fail(Fault::status(429).retry_after(Duration::from_millis(120)));
    let start = Instant::now();
    let retry = Retry::attempts(2).base(Duration::ZERO);
    Way::OpenAi.model(&sim).retry(retry).invoke("Hello").await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(120));
    assert_eq!(sim.requests().len(), 2);
}

#[tokio::test]
async fn an_error_that_money_would_help_is_not_tried_again() {
    for how in HOWS {
        let (url, _) = serve(
            "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json",
            r#"{"error": {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": "insufficient_quota"}}"#,
        )
        .await;
        let model = openai("gpt-4o").base_url(url).api_key(KEY).build().unwrap();
        let error = how.ask(&model, question()).await.unwrap_err();
        assert_eq!((error.kind().name(), error.is_retryable()), ("rate_limited", false), "{how:?}");
        assert_eq!(error.downcast_ref::<ProviderError>().unwrap().code(), Some("insufficient_quota"));
    }
}

#[tokio::test]
async fn timeouts_stop_what_takes_too_long() {
    let stopped = |way: Way, how: How, fault: Fault| async move {
        let sim = Simulator::start().await.unwrap();
        sim.script(way.provider()).fail(fault);
        // Long enough for the request to arrive, on a slow machine too.
        let model = way.model(&sim).timeout(Duration::from_secs(2));
        let error = match how {
            How::Call => model.invoke(question()).await.unwrap_err(),
            How::Stream => model.stream(question()).assemble(MessageAssembler::default()).await.unwrap_err(),
        };
        assert_eq!(error.kind().name(), "timeout", "{way:?} {how:?}");
        sim.idle().await;
        assert!(sim.requests()[0].client_left(), "{way:?} {how:?}");
    };
    let mut all = Vec::new();
    for way in WAYS {
        for how in HOWS {
            all.extend([Fault::Hang, Fault::Stall { after: 2 }].map(|fault| stopped(way, how, fault)));
        }
    }
    join_all(all).await;
}

#[tokio::test]
async fn dropping_a_call_or_a_stream_ends_the_request() {
    for way in WAYS {
        let sim = Simulator::start().await.unwrap();
        sim.script(way.provider()).fail(Fault::Hang).fail(Fault::Hang).fail(Fault::Stall { after: 1 });
        let model = way.model(&sim);
        tokio::select! {
            _ = model.invoke(question()) => unreachable!(),
            () = sim.received(1) => {}
        }
        sim.idle().await;
        let mut stream = model.stream(question());
        tokio::select! {
            _ = stream.next() => unreachable!(),
            () = sim.received(2) => {}
        }
        drop(stream);
        sim.idle().await;
        let mut stream = model.stream(question());
        assert!(stream.next().await.is_some_and(|chunk| chunk.is_ok()), "{way:?}");
        drop(stream);
        sim.idle().await;
        let outcomes: Vec<_> = sim.requests().iter().map(|request| request.outcome).collect();
        assert_eq!(outcomes, [Outcome::ClientLeft; 3], "{way:?}");
    }
}

#[tokio::test]
async fn nothing_is_sent_before_a_stream_is_read() {
    let sim = Simulator::start().await.unwrap();
    let model = Way::OpenAi.model(&sim);
    drop(model.stream(question()));
    drop(model.invoke(question()));
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(sim.requests().is_empty());
}

#[test]
fn a_missing_key_is_named() {
    for (builder, variable) in [
        (openai("m"), "OPENAI_API_KEY"),
        (anthropic("m"), "ANTHROPIC_API_KEY"),
        (gemini("m"), "GEMINI_API_KEY"),
        (gemini_openai("m"), "GEMINI_API_KEY"),
    ] {
        for empty in [None, Some(" \n")] {
            let error = builder.clone().variables(move |_| empty.map(str::to_owned)).build().unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Auth);
            assert!(error.message().contains(&format!("set {variable}")), "{error}");
        }
        assert_eq!(builder.clone().api_key(" ").build().unwrap_err().kind(), &ErrorKind::Auth);
        let error = builder.api_key("sk-1\u{7}2").build().unwrap_err();
        assert!(!format!("{error:?}").contains("sk-1"), "{error:?}");
    }
    assert!(openai_compatible("http://localhost:1/v1", "m").variables(|_| None).build().is_ok());
    assert_eq!(openai(" ").api_key(KEY).build().unwrap_err().kind(), &ErrorKind::BadInput);
}

#[tokio::test]
async fn keys_and_servers_come_from_variables() {
    let sim = Simulator::builder().api_key(KEY).start().await.unwrap();
    let root = sim.url();
    for (builder, prefix, url) in [
        (openai("m"), "OPENAI", sim.openai_url()),
        (anthropic("m"), "ANTHROPIC", root.clone()),
        (anthropic("m"), "ANTHROPIC", sim.anthropic_url().trim_end_matches('/').to_owned()),
        (gemini("m"), "GEMINI", root.clone() + "/"),
        (gemini("m"), "GEMINI", sim.gemini_url()),
        (gemini_openai("m"), "GEMINI", sim.gemini_url()),
        (gemini_openai("m"), "GEMINI", sim.gemini_openai_url()),
    ] {
        let lookup = move |name: &str| match name.strip_prefix(prefix)? {
            "_API_KEY" => Some(format!(" {KEY}\n")),
            "_BASE_URL" => Some(url.clone()),
            _ => None,
        };
        let model = builder.variables(lookup).build().unwrap();
        model.invoke("Hello").await.unwrap();
    }
    // A key that is refused is looked for where it came from.
    let wrong = |name: &str| (name == "OPENAI_API_KEY").then(|| "sk-wrong".to_owned());
    let model = openai("m").variables(wrong).base_url(sim.openai_url()).build().unwrap();
    let error = model.invoke("Hello").await.unwrap_err();
    assert!(error.message().ends_with("(is the key in OPENAI_API_KEY right?)"), "{error}");
}

#[tokio::test]
async fn a_compatible_server_gets_no_key_that_was_not_given() {
    let (url, request) = serve("HTTP/1.1 400 Bad Request", "").await;
    let model =
        openai_compatible(url + "/v1?api-version=7", "llama3.2").variables(|_| Some(KEY.to_owned())).build().unwrap();
    model.invoke("Hello").await.unwrap_err();
    let request = request.await.unwrap();
    assert!(request.starts_with("POST /v1/chat/completions?api-version=7 HTTP/1.1"), "{request}");
    assert!(!request.to_lowercase().contains("authorization") && !request.contains(KEY), "{request}");
}

#[tokio::test]
async fn no_error_shows_the_key_also_when_the_server_repeats_it() {
    let printed = |error: Error| format!("{error}\n{error:?}\n{:?}\n{}", error.raw_output(), json!(error));
    let percent = "sk-very%2Fsecret%2Bkey";
    for way in WAYS {
        for how in HOWS {
            for status in [400, 401, 429, 500] {
                let message = format!("key {KEY} of GET /?key={percent}&alt=sse, Bearer {KEY}");
                let faults = [
                    Fault::from(Fault::status(status).message(&message)),
                    Fault::Body(BadBody::Json(json!({"error": {"message": message}}))),
                    Fault::Body(BadBody::Json(json!({"hello": message}))),
                ];
                for fault in faults {
                    let text = printed(failure(way, how, fault.clone()).await);
                    assert!(!text.contains(KEY) && !text.contains(percent), "{way:?} {how:?} {fault:?}: {text}");
                }
            }
            let sim = Simulator::start().await.unwrap();
            let model = way.model(&sim);
            drop(sim);
            let text = printed(how.ask(&model, question()).await.unwrap_err());
            assert!(text.contains("cannot connect to 127.0.0.1:") && !text.contains(KEY), "{way:?} {how:?}: {text}");
            assert!(!format!("{model:?} {:?}", openai("m").api_key(KEY)).contains(KEY));
        }
        // Events of a stream, with the key in them.
        let event = json!({"error": {"message": KEY, "code": 503}, "type": "error"});
        for body in [format!("event: error\ndata: {event}\n\n"), format!("event: message_start\ndata: {{{KEY}\n\n")] {
            let (url, _) = serve("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream", &body).await;
            let sim = Simulator::start().await.unwrap();
            let model = way.builder(&sim).base_url(url + "/v1").build().unwrap();
            let error = How::Stream.ask(&model, question()).await.unwrap_err();
            assert_eq!(error.kind().name(), "unavailable", "{way:?} {body}: {error}");
            let text = printed(error);
            assert!(text.contains("[redacted]") && !text.contains(KEY), "{way:?} {body}: {text}");
        }
    }
}

#[tokio::test]
async fn errors_told_after_a_200_are_errors() {
    for (body, kind, says) in [
        (json!({"error": {"message": "Slow down", "code": 429}}), "rate_limited", "Slow down"),
        (json!({"error": {"message": "Busy", "type": "overloaded_error"}}), "unavailable", "Busy"),
        (json!({"error": {"message": "No such model", "type": "invalid_request_error"}}), "bad_input", "No such model"),
        (json!({"error": "out of memory"}), "unavailable", "out of memory"),
    ] {
        for way in WAYS {
            let error = failure(way, How::Call, Fault::Body(BadBody::Json(body.clone()))).await;
            assert_eq!(error.kind().name(), kind, "{way:?} {body}: {error:?}");
            assert!(error.message().contains(says), "{way:?} {body}: {error}");
        }
    }
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}});
    let error = failure(Way::Gemini, How::Call, Fault::Body(BadBody::Json(blocked))).await;
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains("blocked the prompt (SAFETY)"), "{error}");
}

#[tokio::test]
async fn a_compatible_server_may_leave_out_how_a_stream_ends() {
    let said = r#"data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}"#;
    let why = r#"data: {"choices":[{"delta":{},"finish_reason":"length"}]}"#;
    for (events, finish) in [
        (vec![said, why, "data: [DONE]"], Some(FinishReason::Length)),
        (vec![said, why], Some(FinishReason::Length)),
        (vec![said, "data: [DONE]"], None),
    ] {
        let body = events.join("\n\n") + "\n\n";
        let (url, _) = serve("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream", &body).await;
        let model = openai_compatible(url, "llama3.2").build().unwrap();
        let answer = How::Stream.ask(&model, question()).await.unwrap();
        assert_eq!((answer.text(), answer.finish_reason()), ("Hi", finish.as_ref()), "{body}");
    }
    // But not both.
    let (url, _) = serve("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream", &format!("{said}\n\n")).await;
    let error = How::Stream.ask(&openai_compatible(url, "llama3.2").build().unwrap(), question()).await.unwrap_err();
    assert_eq!(error.kind().name(), "unavailable");
}

#[tokio::test]
async fn redirects_do_not_carry_the_key_away() {
    let sim = Simulator::start().await.unwrap();
    for way in WAYS {
        let head = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {}chat/completions", sim.openai_url());
        let (url, _) = serve(&head, "").await;
        let model = way.builder(&sim).base_url(url + "/v1").build().unwrap();
        let error = model.invoke("Hello").await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput, "{way:?}: {error}");
    }
    assert!(sim.requests().is_empty());
}

#[tokio::test]
async fn models_of_all_providers_are_of_one_type_and_run_in_tasks() {
    let sim = Simulator::start().await.unwrap();
    let models: Vec<Model> = WAYS.into_iter().map(|way| way.model(&sim)).collect();
    let tasks: Vec<_> = models
        .into_iter()
        .map(|model| tokio::spawn(async move { model.invoke("Hello".to_owned()).await.unwrap() }))
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().text(), "You said: Hello");
    }
    assert_eq!(Way::OpenAi.model(&sim).invoke(Messages::new()).await.unwrap_err().kind(), &ErrorKind::BadInput);
}

/// A server that gives one answer, whatever it is asked, and what it was asked.
async fn serve(head: &str, body: &str) -> (String, tokio::task::JoinHandle<String>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!("{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 8192];
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (url, task)
}
