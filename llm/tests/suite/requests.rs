//! What reaches the providers beside the words: images, efforts, headers; by proxies and from Ollama's place.
#![cfg(all(feature = "providers", feature = "simulator"))]

use catena::{Config, ErrorKind, RunnableExt};
use catena_llm::{
    HttpClient, Image, Message, MessageAssembler, Messages, ModelBuilder, Options, ProviderError, ReasoningEffort,
    anthropic, gemini, gemini_openai, keys, ollama, openai, openai_compatible,
    simulator::{Fault, Provider, Simulator},
};
use serde_json::{Value, json};
use std::{
    process::Command,
    sync::{Arc, Mutex},
};
use tokio::net::{TcpListener, TcpStream};

fn builder(sim: &Simulator, provider: Provider, model: &str) -> ModelBuilder {
    let builder = match provider {
        Provider::OpenAi => openai(model),
        Provider::Anthropic => anthropic(model),
        Provider::Gemini => gemini(model),
        _ => gemini_openai(model),
    };
    builder.base_url(sim.base_url(provider)).api_key("k-123456")
}

fn sent(sim: &Simulator) -> Value {
    sim.requests().pop().unwrap().request.body
}

#[tokio::test]
async fn images_are_sent_as_each_provider_takes_them() {
    let sim = Simulator::start().await.unwrap();
    let asked: Messages = Message::user("What is it?").with_image(Image::bytes("image/png", *b"\x89PNG")).into();
    let data = "iVBORw==";
    let openai = json!([
        { "type": "text", "text": "What is it?" },
        { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{data}") } },
    ]);
    let anthropic = json!([
        { "type": "text", "text": "What is it?" },
        { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": data } },
    ]);
    let gemini = json!([{ "text": "What is it?" }, { "inlineData": { "mimeType": "image/png", "data": data } }]);
    for (provider, model, place, wanted) in [
        (Provider::OpenAi, "gpt-4o", "/messages/0/content", openai.clone()),
        (Provider::GeminiOpenAi, "gemini-2.5-flash", "/messages/0/content", openai),
        (Provider::Anthropic, "claude-sonnet-4-5", "/messages/0/content", anthropic),
        (Provider::Gemini, "gemini-2.5-flash", "/contents/0/parts", gemini),
    ] {
        let model = builder(&sim, provider, model).build().unwrap();
        model.invoke(asked.clone()).await.unwrap();
        assert_eq!(sent(&sim).pointer(place), Some(&wanted), "{provider:?}: {}", sent(&sim));
        model.stream(asked.clone()).assemble(MessageAssembler::default()).await.unwrap();
        assert_eq!(sent(&sim).pointer(place), Some(&wanted), "{provider:?} streamed");
    }
}

#[tokio::test]
async fn images_by_url_are_sent_and_what_is_no_image_is_an_error() {
    let sim = Simulator::start().await.unwrap();
    let url = "https://example.com/cat.jpg?size=2";
    let asked = || Message::user("?").with_image(Image::url(url));
    builder(&sim, Provider::OpenAi, "gpt-4o").build().unwrap().invoke(asked()).await.unwrap();
    assert_eq!(sent(&sim)["messages"][0]["content"][1]["image_url"]["url"], url);
    builder(&sim, Provider::Gemini, "gemini-2.5-flash").build().unwrap().invoke(asked()).await.unwrap();
    let file = json!({ "mimeType": "image/jpeg", "fileUri": url });
    assert_eq!(sent(&sim)["contents"][0]["parts"][1]["fileData"], file);

    let claude = builder(&sim, Provider::Anthropic, "claude-sonnet-4-5").build().unwrap();
    claude.invoke(asked()).await.unwrap();
    assert_eq!(sent(&sim)["messages"][0]["content"][1]["source"], json!({ "type": "url", "url": url }));
    let before = sim.requests().len();
    let in_an_answer =
        [Message::user("?"), Message::assistant("!").with_image(Image::bytes("image/png", *b"x")), Message::user("?")];
    let no_image = Message::user("?").with_image(Image::bytes("application/pdf", *b"x"));
    for (asked, told) in [
        (Messages::from(in_an_answer), "message 2 has an image, and is of the role `assistant`"),
        (no_image.into(), "application/pdf"),
        (Message::user("?").with_image(Image::bytes("image/png", [])).into(), "without bytes"),
    ] {
        let error = claude.invoke(asked).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains(told), "{error}");
    }
    assert_eq!(sim.requests().len(), before);
}

#[tokio::test]
async fn an_effort_of_reasoning_is_sent_as_each_provider_takes_it() {
    use ReasoningEffort::{High, Low, Medium, Minimal, None};
    let sim = Simulator::start().await.unwrap();
    for (provider, name, effort, place, wanted) in [
        (Provider::OpenAi, "gpt-5", High, "/reasoning_effort", json!("high")),
        (Provider::OpenAi, "gpt-5", Minimal, "/reasoning_effort", json!("minimal")),
        (Provider::OpenAi, "gpt-5.1", None, "/reasoning_effort", json!("none")),
        (Provider::GeminiOpenAi, "gemini-2.5-flash", Low, "/reasoning_effort", json!("low")),
        (Provider::Anthropic, "claude-opus-4-6", Medium, "/output_config/effort", json!("medium")),
        (Provider::Anthropic, "claude-3-7-sonnet-latest", Low, "/thinking/type", json!("enabled")),
        (Provider::Gemini, "gemini-2.5-flash", None, "/generationConfig/thinkingConfig/thinkingBudget", json!(0)),
        (Provider::Gemini, "gemini-3-pro", Low, "/generationConfig/thinkingConfig/thinkingLevel", json!("LOW")),
    ] {
        let model = builder(&sim, provider, name).options(Options::new().reasoning_effort(effort)).build().unwrap();
        model.invoke("?").await.unwrap();
        assert_eq!(sent(&sim).pointer(place), Some(&wanted), "{name} {effort}: {}", sent(&sim));
    }
    for (provider, name, effort) in [
        (Provider::Anthropic, "claude-opus-4-6", Minimal),
        (Provider::Gemini, "gemini-2.5-flash", Minimal),
        (Provider::Gemini, "gemini-3-pro", None),
    ] {
        let error = builder(&sim, provider, name).options(Options::new().reasoning_effort(effort)).build().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains(&format!("`reasoning_effort` is `{effort}`")), "{error}");
    }
    // And by a run, from JSON, too.
    let model = builder(&sim, Provider::OpenAi, "gpt-5").build().unwrap();
    model.invoke_with("?", Config::new().set(&keys::REASONING_EFFORT, Some(Low))).await.unwrap();
    assert_eq!(sent(&sim)["reasoning_effort"], "low");
    let keys = catena::Keys::new().with(&keys::REASONING_EFFORT);
    let config = Config::from_json(&json!({ "configurable": { "reasoning_effort": "high" } }), &keys).unwrap();
    model.invoke_with("?", config).await.unwrap();
    assert_eq!(sent(&sim)["reasoning_effort"], "high");
    let error = Config::from_json(&json!({ "configurable": { "reasoning_effort": "huge" } }), &keys).unwrap_err();
    assert!(error.message().contains("medium"), "{error}");
    model.invoke("?").await.unwrap();
    assert_eq!(sent(&sim).get("reasoning_effort"), Option::None);
}

#[tokio::test]
async fn headers_are_sent_called_or_streamed_with_a_key_or_without() {
    let sim = Simulator::start().await.unwrap();
    for provider in [Provider::OpenAi, Provider::Anthropic, Provider::Gemini] {
        let name = if provider == Provider::Gemini { "gemini-2.5-flash" } else { "m" };
        let builder = builder(&sim, provider, name).header("X-Team", "red").header("x-team", "blue");
        let model = builder.build().unwrap();
        model.invoke("?").await.unwrap();
        model.stream("?").assemble(MessageAssembler::default()).await.unwrap();
        for recorded in sim.requests().iter().rev().take(2) {
            assert_eq!(recorded.request.headers["x-team"], "blue", "{provider:?}");
        }
    }
    // The simulator takes any key, also one in a header of the user's own.
    let keyless =
        openai_compatible(sim.openai_url(), "m").header("authorization", "Bearer abcdef").header("x-team", "green");
    keyless.build().unwrap().invoke("?").await.unwrap();
    assert_eq!(sim.requests().pop().unwrap().request.headers["x-team"], "green");

    for (name, value, told) in [
        ("not a name", "v", "cannot be the name"),
        ("x-team", "two\nlines", "no header can have"),
        ("Content-Length", "3", "set by the client itself"),
        ("Authorization", "Bearer other", "`.api_key(..)`"),
    ] {
        let error = openai("gpt-4o").api_key("k").header(name, value).build().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains(told) && !error.message().contains("lines"), "{error}");
    }
}

#[tokio::test]
async fn ollama_is_reached_where_its_variable_says_and_needs_no_key() {
    let sim = Simulator::start().await.unwrap();
    let host = sim.address().to_string();
    let model = ollama("llama3.2")
        .header("authorization", "Bearer abcdef")
        .variables(move |name| (name == "OLLAMA_HOST").then(|| host.clone()));
    let model = model.build().unwrap();
    assert_eq!(model.invoke("Hello").await.unwrap().text(), "You said: Hello");
    let streamed = model.stream("Hello").assemble(MessageAssembler::default()).await.unwrap();
    assert_eq!((streamed.text(), streamed.usage().is_some()), ("You said: Hello", true));
    let manifest = RunnableExt::<String>::manifest(&model).json().to_string();
    assert!(manifest.contains(r#""provider":"Ollama""#), "{manifest}");

    let local = ollama("llama3.2").variables(|_| None).build().unwrap();
    assert_eq!(catena_llm::ChatModel::host(local.model()), Some("localhost:11434"));
}

#[tokio::test]
async fn a_proxy_of_the_clients_own_is_used() {
    let sim = Simulator::start().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let first_lines = Arc::new(Mutex::new(Vec::new()));
    let (to, lines) = (sim.address(), first_lines.clone());
    let forwarding = tokio::spawn(async move {
        loop {
            let (mut from, _) = listener.accept().await.unwrap();
            let mut head = [0; 64];
            let length = from.peek(&mut head).await.unwrap();
            lines.lock().unwrap().push(String::from_utf8_lossy(&head[..length]).into_owned());
            let mut to = TcpStream::connect(to).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut from, &mut to).await });
        }
    });
    let client = HttpClient::build(reqwest::Client::builder().proxy(reqwest::Proxy::all(proxy).unwrap())).unwrap();
    // There is no such host: only the proxy can lead anywhere.
    let model = openai("gpt-4o").base_url("http://model.invalid/v1").api_key("k").http_client(client).build().unwrap();
    assert_eq!(model.invoke("Hello").await.unwrap().text(), "You said: Hello");
    let streamed = model.stream("Hello").assemble(MessageAssembler::default()).await.unwrap();
    assert_eq!(streamed.text(), "You said: Hello");
    let lines = first_lines.lock().unwrap().clone();
    assert!(lines[0].starts_with("POST http://model.invalid/v1/chat/completions"), "{lines:?}");
    forwarding.abort();
}

/// Asks a server on this machine, called by name and by address.
#[tokio::test]
#[ignore = "the program that the test below runs among other variables"]
async fn asks_this_machine() {
    let sim = Simulator::start().await.unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{}/v1", sim.address().port());
        let model = openai("gpt-4o").base_url(url).api_key("k").build().unwrap();
        assert_eq!(model.invoke("Hello").await.unwrap().text(), "You said: Hello");
    }
}

#[test]
fn a_proxy_of_the_environment_is_not_asked_for_this_machine() {
    // Nobody listens at the port 9.
    let proxy = "http://127.0.0.1:9";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "requests::asks_this_machine", "--ignored"])
        .envs(["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, proxy)))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn errors_have_the_providers_id_of_the_request() {
    let sim = Simulator::start().await.unwrap();
    for (provider, name, has_one) in [
        (Provider::OpenAi, "gpt-4o", true),
        (Provider::Anthropic, "claude-sonnet-4-5", true),
        (Provider::Gemini, "gemini-2.5-flash", false),
    ] {
        sim.script(provider).fail(Fault::status(500)).always();
        let model = builder(&sim, provider, name).build().unwrap();
        let called = model.invoke("?").await.unwrap_err();
        let streamed = model.stream("?").assemble(MessageAssembler::default()).await.unwrap_err();
        for error in [called, streamed] {
            let failure: &ProviderError = error.downcast_ref().unwrap();
            assert_eq!(failure.status(), Some(500), "{provider:?}");
            assert_eq!(failure.request_id().is_some_and(|id| !id.is_empty()), has_one, "{provider:?} {failure:?}");
            if let Some(id) = failure.request_id() {
                assert!(failure.to_string().contains(id));
            }
        }
    }
}
