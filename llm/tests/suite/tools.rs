//! Tools: what a model is told of them, what becomes of its calls, and how they go over the wire.

use catena::{Config, Context, ErrorKind, Kind, Leaf, Node, Result, RunnableExt, Step, StepExt};
use catena_llm::simulator::{Answer, Finish, Provider, Simulator};
use catena_llm::{
    Chat, ChatModel, ChatRequest, FinishReason, Message, MessageAssembler, MessageChunk, Model, OUTPUT_LIMIT, Tool,
    ToolCall, ToolCallChunk, ToolChoice, ToolStep, Tools, anthropic, gemini, gemini_openai, openai, openai_responses,
    tool, tool_fn, tool_with_schema, tools,
};
use futures_util::{TryStreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// Where to look.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Celsius,
    Kelvin,
}

#[derive(Serialize)]
struct Weather {
    degrees: i16,
    city: String,
}

/// The weather in a city,
/// on one of the next days.
///
/// Not for the past.
#[tool(idempotent)]
async fn weather(
    /// The city's name,
    /// in English.
    city: &str,
    days: Option<u8>,
    unit: Unit,
    cx: &Context,
) -> Result<Weather> {
    if city == "Atlantis" {
        return Err(catena::Error::msg("the sea is too deep"));
    }
    let degrees = match unit {
        Unit::Celsius => 20,
        Unit::Kelvin => 293,
    };
    let degrees = degrees + i16::from(days.unwrap_or(0)) + i16::try_from(cx.tags().len()).unwrap();
    Ok(Weather { degrees, city: city.to_owned() })
}

/// Never ends.
#[tool(timeout = "3s")]
async fn endless() {
    std::future::pending::<()>().await;
}

/// Blocks until it is too late.
#[tool(blocking, timeout = "1h")]
fn slow(text: String) -> usize {
    text.len()
}

/// Falls over.
#[tool]
fn falls() -> String {
    panic!("over the edge")
}

/// Says a lot.
#[tool(output_limit = 10)]
fn verbose(times: usize) -> String {
    "é".repeat(times)
}

/// Says nothing.
#[tool(name = "do-it")]
fn do_it() {}

fn call(name: &str, arguments: &str) -> ToolCall {
    ToolCall::new("call_1", name, arguments)
}

fn content(message: &Message) -> &str {
    message.parts()[0].content()
}

#[test]
fn a_function_becomes_what_a_model_is_told() {
    assert_eq!(Tool::name(&weather), "weather");
    assert_eq!(weather.description(), "The weather in a city, on one of the next days.\n\nNot for the past.");
    let schema = weather.schema();
    assert_eq!(schema["required"], json!(["city", "unit"]));
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(
        schema["properties"]["city"],
        json!({ "type": "string", "description": "The city's name, in English." })
    );
    assert_eq!(schema["properties"]["unit"]["enum"], json!(["celsius", "kelvin"]));
    // No references, no formats of Rust's own: not all providers take them.
    let text = schema.to_string();
    assert!(!text.contains("$ref") && !text.contains("uint8") && !text.contains("$schema"), "{text}");
    assert!(matches!(
        <weather as Step>::NODE,
        Node::Step(Leaf { name: "weather", kind: Kind::Tool, idempotent: true, .. })
    ));
    assert_eq!((Tool::name(&do_it), do_it.schema()["properties"].clone()), ("do-it", json!({})));
}

#[tokio::test]
async fn a_call_gives_a_message_with_the_result() {
    let said = weather.invoke(call("weather", r#"{"city": "Oslo", "unit": "celsius", "days": 2}"#)).await.unwrap();
    assert_eq!(said, Message::tool("call_1", r#"{"degrees":22,"city":"Oslo"}"#).with_name("weather"));
    let config = Config::new().tag("warmer");
    let said = weather.invoke_with(call("weather", r#"{"city": "Oslo", "unit": "kelvin"}"#), config).await.unwrap();
    assert_eq!(content(&said), r#"{"degrees":294,"city":"Oslo"}"#);
    assert_eq!(content(&do_it.invoke(call("do-it", "")).await.unwrap()), "done");
    assert_eq!(content(&slow.invoke(call("slow", r#"{"text": "four"}"#)).await.unwrap()), "4");
    // Some models write the object as a text.
    let twice = json!(r#"{"text": "four"}"#).to_string();
    assert_eq!(content(&slow.invoke(call("slow", &twice)).await.unwrap()), "4");
    assert_eq!(slow::function("a".to_owned()), 1);
}

#[tokio::test]
async fn wrong_arguments_are_named_all_at_once() {
    for (arguments, said) in [
        ("{\"city\": \"Os", "they are not JSON"),
        ("[1]", "they are an array, not an object"),
        ("\"Oslo\"", "they are a text, not an object"),
        ("{}", "`city` is missing: it is a string"),
        ("{}", "`unit` is missing"),
        (r#"{"city": 1, "unit": "celsius"}"#, "`city` is a number, and has to be a string"),
        (r#"{"city": "Oslo", "unit": "celsius", "town": 1}"#, "there is no parameter `town`: `city`"),
        (r#"{"city": "Oslo", "unit": "rankine"}"#, "`unit`: unknown variant `rankine`, expected `celsius` or `kelvin`"),
        (r#"{"city": "Oslo", "unit": "celsius", "days": -1}"#, "`days`: invalid value: integer `-1`, expected u8"),
    ] {
        let error = weather.invoke(call("weather", arguments)).await.unwrap_err();
        assert!(error.message().contains(said), "{arguments}: {error}");
        assert!(error.message().contains("the arguments of `weather`"), "{error}");
        assert_eq!(error.raw_output(), Some(arguments));
    }
    let error = weather.invoke(call("whether", "{}")).await.unwrap_err();
    assert_eq!(error.message(), "this is a call of `whether`, not of `weather`");
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_fails_falls_or_never_ends_is_an_error() {
    let error = weather.invoke(call("weather", r#"{"city": "Atlantis", "unit": "kelvin"}"#)).await.unwrap_err();
    assert_eq!((error.message(), error.path().as_str()), ("the sea is too deep", "weather"));
    let error = falls.invoke(call("falls", "{}")).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (&ErrorKind::Panic, "`falls` panicked: over the edge"));
    let error = endless.invoke(call("endless", "{}")).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: Duration::from_secs(3) });
}

#[tokio::test]
async fn a_result_that_is_too_long_is_cut_and_says_so() {
    let said = verbose.invoke(call("verbose", r#"{"times": 6}"#)).await.unwrap();
    assert!(content(&said).starts_with("ééééé\n[cut off here: the tool gave 12 bytes"), "{said:?}");
    let huge = tool_fn("huge", "Ten million bytes.", |_: Value| async { Ok("x".repeat(10_000_000)) });
    let huge = ToolStep::new(huge);
    let said = huge.invoke(call("huge", "{}")).await.unwrap();
    assert!(content(&said).len() < OUTPUT_LIMIT + 200 && content(&said).contains("gave 10000000 bytes"));
}

/// A handle of a service, which is no `Clone`.
struct Orders(Vec<String>);

impl Orders {
    #[allow(clippy::unused_async, reason = "a real one asks a database")]
    async fn of(&self, customer: usize) -> Option<&String> {
        self.0.get(customer)
    }
}

#[derive(Deserialize, JsonSchema)]
struct OfCustomer {
    customer: usize,
}

#[tokio::test]
async fn a_closure_uses_its_captures_without_a_clone() {
    let orders = Orders(vec!["a kettle".to_owned()]);
    let tool = tool_fn!("orders", "What a customer has ordered.", async move |ask: OfCustomer| {
        let order = orders.of(ask.customer).await.ok_or("there is no such customer")?;
        Ok(order.clone())
    });
    let tool = ToolStep::new(tool);
    for _ in 0..2 {
        assert_eq!(content(&tool.invoke(call("orders", r#"{"customer": 0}"#)).await.unwrap()), "a kettle");
    }
    let error = tool.invoke(call("orders", r#"{"customer": 1}"#)).await.unwrap_err();
    assert_eq!(error.message(), "there is no such customer");
    // A closure that returns a future works too.
    let double = tool_fn!("double", "Doubles.", |ask: OfCustomer| async move { Ok(ask.customer * 2) });
    assert_eq!(content(&ToolStep::new(double).invoke(call("double", r#"{"customer": 4}"#)).await.unwrap()), "8");
}

#[test]
fn a_set_has_each_name_once_and_only_names_that_providers_take() {
    let error = tools![weather, slow, weather].unwrap_err();
    assert_eq!((error.kind(), error.message()), (&ErrorKind::BadInput, "there are two tools `weather`"));
    let named = |name: &str| tool_with_schema(name, "", json!({ "type": "object" }), |_| async { Ok(()) });
    for wrong in ["", "two words", "ümlaut", &"x".repeat(65)] {
        assert!(Tools::new().with(named(wrong)).unwrap_err().message().contains("cannot be the name of a tool"));
    }
    let list = tool_with_schema("list", "", json!({ "type": "array" }), |_| async { Ok(()) });
    assert!(Tools::new().with(list).unwrap_err().message().contains("has to be of type `object`"));
    let tools = tools![weather, slow].unwrap();
    assert!(tools.is_idempotent("weather") && !tools.is_idempotent("slow"));
}

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// Waits, the longer the smaller the number.
#[tool]
async fn wait(number: u64) -> u64 {
    PEAK.fetch_max(RUNNING.fetch_add(1, SeqCst) + 1, SeqCst);
    tokio::time::sleep(Duration::from_millis(100 - number)).await;
    RUNNING.fetch_sub(1, SeqCst);
    number
}

#[tokio::test(start_paused = true)]
async fn calls_of_one_message_run_at_once_and_keep_their_order() {
    let tools = tools![wait, falls].unwrap();
    let mut asked = Message::assistant("");
    for number in 0..6 {
        asked =
            asked.with_tool_call(ToolCall::new(format!("{number}"), "wait", json!({ "number": number }).to_string()));
    }
    asked = asked.with_tool_call(call("fall", "{}")).with_tool_call(call("falls", "{}"));
    let said = tools.invoke(asked.clone()).await.unwrap();
    assert_eq!(PEAK.swap(0, SeqCst), 6);
    let contents: Vec<&str> = said.iter().map(content).collect();
    assert_eq!(contents[..6], ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(contents[6], "Error: there is no tool `fall`: there are `wait`, `falls`");
    assert_eq!(contents[7], "Error: `falls` panicked: over the edge");
    tools.invoke_with(asked, Config::new().max_concurrency(2)).await.unwrap();
    assert_eq!(PEAK.load(SeqCst), 2);
}

#[tokio::test]
async fn a_tool_is_seen_as_langchain_shows_it() {
    let good = call("weather", r#"{"city": "Oslo", "unit": "celsius"}"#);
    let events: Vec<_> = weather.events(good).try_collect().await.unwrap();
    let seen: Vec<_> = events.iter().map(|event| (event.event(), event.run.name())).collect();
    assert_eq!(seen, [("on_tool_start", "weather"), ("on_tool_end", "weather")]);
    assert_eq!(events[0].input(), Some(&json!({ "city": "Oslo", "unit": "celsius" })));
    assert_eq!(events[1].output().unwrap()["role"], "tool");
    let retried = weather.retry(2);
    let manifest = catena::RunnableExt::<ToolCall>::manifest(&retried).json();
    assert_eq!(manifest["kwargs"]["bound"]["name"], "weather");
}

fn models(sim: &Simulator) -> Vec<(Provider, Model)> {
    vec![
        (Provider::OpenAi, openai("gpt").base_url(sim.openai_url()).api_key("k").build().unwrap()),
        (Provider::OpenAiResponses, openai_responses("gpt").base_url(sim.openai_url()).api_key("k").build().unwrap()),
        (Provider::Anthropic, anthropic("claude").base_url(sim.anthropic_url()).api_key("k").build().unwrap()),
        (Provider::Gemini, gemini("flash").base_url(sim.gemini_url()).api_key("k").build().unwrap()),
        (
            Provider::GeminiOpenAi,
            gemini_openai("flash").base_url(sim.gemini_openai_url()).api_key("k").build().unwrap(),
        ),
    ]
}

/// What a provider was told of the first tool, and of the choice.
fn told(provider: Provider, body: &Value) -> (Value, Value, Value) {
    match provider {
        Provider::Anthropic => {
            let tool = &body["tools"][0];
            (tool["name"].clone(), tool["input_schema"].clone(), body["tool_choice"].clone())
        }
        Provider::Gemini => {
            let tool = &body["tools"][0]["functionDeclarations"][0];
            (tool["name"].clone(), tool["parametersJsonSchema"].clone(), body["toolConfig"].clone())
        }
        Provider::OpenAiResponses => {
            let tool = &body["tools"][0];
            (tool["name"].clone(), tool["parameters"].clone(), body["tool_choice"].clone())
        }
        _ => {
            let tool = &body["tools"][0]["function"];
            (tool["name"].clone(), tool["parameters"].clone(), body["tool_choice"].clone())
        }
    }
}

#[tokio::test]
async fn each_provider_is_told_of_the_tools_and_of_the_choice() {
    let sim = Simulator::start().await.unwrap();
    let tools = tools![weather, slow].unwrap();
    for (provider, model) in models(&sim) {
        model.clone().with_tools(&tools).with_tool_choice(ToolChoice::named("weather")).invoke("?").await.unwrap();
        let body = sim.requests_for(provider).pop().unwrap().request.body;
        let (name, schema, choice) = told(provider, &body);
        assert_eq!(name, "weather", "{provider:?}: {body}");
        assert_eq!(schema["properties"]["city"]["type"], "string", "{provider:?}: {body}");
        assert!(choice.to_string().contains("weather"), "{provider:?}: {body}");
        for choice in [ToolChoice::Required, ToolChoice::None, ToolChoice::Auto] {
            model.clone().with_tools(&tools).with_tool_choice(choice).invoke("?").await.unwrap();
        }
        let choices: Vec<String> =
            sim.requests_for(provider).iter().map(|r| told(provider, &r.request.body).2.to_string()).collect();
        let words = match provider {
            Provider::Anthropic => ["any", "none", "null"],
            Provider::Gemini => ["ANY", "NONE", "null"],
            Provider::OpenAiResponses => ["required", "none", "auto"],
            _ => ["required", "none", "null"],
        };
        for (choice, word) in choices[1..].iter().zip(words) {
            assert!(choice.contains(word), "{provider:?}: {choice} is not {word}");
        }
        // A choice that cannot be made is an error before anything is sent.
        let count = sim.requests().len();
        for (choice, said) in [
            (ToolChoice::Required, "a tool has to be called, and there are none"),
            (ToolChoice::named("wether"), "the tool `wether` has to be called, and is not among the tools"),
        ] {
            let error = model.clone().with_tool_choice(choice).invoke("?").await.unwrap_err();
            assert_eq!((error.kind(), error.message()), (&ErrorKind::BadInput, said));
        }
        assert_eq!(sim.requests().len(), count);
    }
}

#[tokio::test]
async fn calls_come_whole_from_each_provider_streamed_or_not() {
    let sim = Simulator::start().await.unwrap();
    let arguments = json!({ "city": "Ålesund \"x\" {y}", "unit": "kelvin" });
    let answer = Answer::new("I will look.")
        .tool_call("weather", arguments.clone())
        .tool_call("slow", json!({ "text": "世界" }))
        .tool_call("do-it", json!({}));
    for target in Provider::ALL {
        let _script = sim.script(target).answer(answer.clone()).always();
    }
    let tools = tools![weather, slow, do_it].unwrap();
    for (provider, model) in models(&sim) {
        let model = model.with_tools(&tools);
        let whole = model.invoke("What is the weather?").await.unwrap();
        let chunks: Vec<MessageChunk> = model.stream("What is the weather?").try_collect().await.unwrap();
        let streamed = stream::iter(chunks.into_iter().map(Ok));
        let streamed = catena::Chunks::new(streamed).assemble(MessageAssembler::default()).await.unwrap();
        for message in [whole, streamed] {
            let calls = message.tool_calls();
            assert_eq!(calls.len(), 3, "{provider:?}: {message:?}");
            assert_eq!(calls[0].arguments::<Value>().unwrap(), arguments, "{provider:?}");
            assert_eq!(calls[1].arguments::<Value>().unwrap(), json!({ "text": "世界" }));
            assert_eq!((calls[2].name.as_str(), calls[2].arguments::<Value>().unwrap()), ("do-it", json!({})));
            assert_eq!(message.finish_reason(), Some(&FinishReason::ToolCalls), "{provider:?}");
            assert_eq!(message.text(), "I will look.");
            let said = tools.invoke(message).await.unwrap();
            assert_eq!(content(&said[1]), "6");
        }
    }
}

/// A model that stops amid the arguments of a tool.
struct CutOff;

impl ChatModel for CutOff {
    fn name(&self) -> &'static str {
        "cut-off"
    }

    async fn complete(&self, _: ChatRequest, _: &Context) -> Result<Message> {
        let call = call("weather", "{\"city\": \"Os");
        Ok(Message::assistant("").with_tool_call(call).with_finish_reason(FinishReason::Length))
    }

    fn stream<'a>(&'a self, _: ChatRequest, _: &'a Context) -> catena::Chunks<'a, MessageChunk> {
        let piece = |name: Option<&str>, arguments: &str| {
            let mut piece = ToolCallChunk::default();
            (piece.name, piece.arguments) = (name.map(str::to_owned), arguments.to_owned());
            MessageChunk::tool_call(piece)
        };
        let mut last = MessageChunk::default();
        last.metadata_mut().finish_reason = Some(FinishReason::Length);
        catena::Chunks::new(stream::iter([
            Ok(piece(Some("weather"), "{\"city\"")),
            Ok(piece(None, ": \"Os")),
            Ok(last),
        ]))
    }
}

#[tokio::test]
async fn arguments_that_the_limit_of_tokens_cut_are_an_error_that_says_so() {
    let model = Chat::new(CutOff).with_tools(&tools![weather].unwrap());
    let streamed = model.stream("?").assemble(MessageAssembler::default()).await;
    for error in [model.invoke("?").await.unwrap_err(), streamed.unwrap_err()] {
        let said =
            "the answer reached its limit of tokens amid the arguments of the tool `weather`: raise `max_tokens`";
        assert_eq!((error.message(), error.raw_output()), (said, Some("{\"city\": \"Os")));
    }
    // Over the wire too; what is whole is none, whatever the reason to stop.
    let sim = Simulator::start().await.unwrap();
    let answer = |arguments: Value| Answer::new("").tool_call("weather", arguments).finish(Finish::Length);
    let cut = answer(json!("{\"city\": \"Os"));
    sim.script(Provider::OpenAi).answer(cut).answer(answer(json!({ "city": "Oslo" })));
    let model = models(&sim).remove(0).1.with_tools(&tools![weather].unwrap());
    let error = model.invoke("?").await.unwrap_err();
    assert!(error.message().contains("amid the arguments of the tool `weather`"), "{error}");
    assert_eq!(model.invoke("?").await.unwrap().tool_calls()[0].name, "weather");
}

/// A conversation with arguments that are no object can go on: providers would refuse it as it is.
#[tokio::test]
async fn unreadable_arguments_go_back_inside_of_an_object() {
    let sim = Simulator::start().await.unwrap();
    for (provider, model) in models(&sim) {
        let asked = Message::assistant("").with_tool_call(call("weather", "{\"city\": \"Os"));
        let told = Message::tool("call_1", "Error: they are not JSON");
        model.invoke(vec![Message::user("?"), asked, told]).await.unwrap();
        let body = sim.requests_for(provider).pop().unwrap().request.body.to_string();
        assert!(body.contains("unreadable"), "{provider:?}: {body}");
    }
}

#[tokio::test]
async fn arguments_that_have_one_meaning_are_read() {
    /// The sum of two numbers, and how they were written.
    #[tool]
    fn sum(a: i64, b: Vec<u32>, note: Option<String>) -> String {
        format!("{a} {b:?} {note:?}")
    }
    for (arguments, said) in [
        (r#"{"a": 1.0, "b": [2.0, 3]}"#, "1 [2, 3] None"),
        (r#"{"a": -1e3, "b": [], "note": "1.0"}"#, r#"-1000 [] Some("1.0")"#),
        ("{\"a\": 1, \"b\": [2,], \"note\": \"x\ny\",}", r#"1 [2] Some("x\ny")"#),
        (r#"{"a": 1, "b": [], "note": None}"#, "1 [] None"),
    ] {
        let answer = sum.invoke(call("sum", arguments)).await.unwrap();
        assert_eq!(content(&answer), said, "{arguments}");
    }
    for arguments in [
        r#"{"a": 1.5, "b": []}"#,
        r#"{"a": 1, "b": [] // none"#,
        r"{'a': 1, 'b': []}",
        r#"{"a": 1, "b": [1"#,
        r#"{"a": 1e17, "b": []}"#,
    ] {
        let error = sum.invoke(call("sum", arguments)).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Parse { raw } if raw == arguments), "{arguments}: {error}");
    }
}
