//! Agents: over real HTTP against the simulator, and with a scripted model where only the logic counts.

mod hooks;
mod inner;
mod paused;
mod steering;
mod summarize;

use catena::{Config, Context, Error, ErrorKind, Kind, Node, Result, RunnableExt, Step, StepExt};
use catena_llm::simulator::{Answer, Provider, Simulator};
use catena_llm::{
    Agent, AgentAssembler, AgentError, AgentEvent, Approval, Chat, ChatModel, ChatRequest, Cost, FinishReason, Message,
    Messages, Model, Price, PriceTable, Role, StopReason, ToolCall, ToolChoice, ToolContent, Usage, anthropic, gemini,
    gemini_openai, openai, openai_responses, tool, tool_with_schema, tools,
};
use futures_util::TryStreamExt;
use serde_json::json;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

/// The weather in a city.
#[tool]
async fn weather(city: String) -> Result<String> {
    if city == "Atlantis" {
        return Err(Error::msg("the sea is too deep"));
    }
    Ok(format!("sunny in {city}"))
}

/// The sum of two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Sleeps for an hour.
#[tool]
async fn nap() -> &'static str {
    tokio::time::sleep(Duration::from_hours(1)).await;
    "awake"
}

/// Says what it was told to say, one after the other, and remembers what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Scripted {
    says: Arc<Mutex<VecDeque<Message>>>,
    asked: Arc<Mutex<Vec<ChatRequest>>>,
}

impl Scripted {
    pub(crate) fn new(says: impl IntoIterator<Item = Message>) -> Self {
        Scripted { says: Arc::new(Mutex::new(says.into_iter().collect())), asked: Arc::default() }
    }

    pub(crate) fn asked(&self, at: usize) -> ChatRequest {
        self.asked.lock().unwrap()[at].clone()
    }

    /// The number of requests so far.
    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn agent(&self) -> Agent<Chat<Scripted>> {
        Agent::new(Chat::new(self.clone())).tools(tools![weather, add, nap].unwrap())
    }
}

impl ChatModel for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn complete(&self, request: ChatRequest, _: &Context) -> Result<Message> {
        self.asked.lock().unwrap().push(request);
        let said = self.says.lock().unwrap().pop_front();
        let said =
            said.ok_or_else(|| Error::new(ErrorKind::Unavailable { retry_after: None }, "the script has ended"))?;
        Ok(said.with_model("scripted").with_usage(Usage::new(100, 10)))
    }
}

pub(crate) fn calls<'a>(calls: impl IntoIterator<Item = (&'a str, &'a str)>) -> Message {
    let calls = calls.into_iter().enumerate();
    calls.fold(Message::new(Role::Assistant), |message, (at, (name, arguments))| {
        message.with_tool_call(ToolCall::new(format!("call_{at}"), name, arguments))
    })
}

fn contents(messages: &Messages) -> Vec<&str> {
    messages.iter().map(|message| message.parts().first().map_or("", |part| part.content())).collect()
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

#[tokio::test]
async fn an_agent_calls_tools_over_each_protocol_streamed_or_not() {
    let sim = Simulator::start().await.unwrap();
    for target in Provider::ALL {
        for _ in 0..2 {
            let ask = Answer::new("Let me see.")
                .tool_call("weather", json!({ "city": "Oslo" }))
                .tool_call("add", json!({ "a": 2, "b": 40 }));
            let _script = sim.script(target).answer(ask).answer("It is sunny, and 42.");
        }
    }
    for (provider, model) in models(&sim) {
        let agent = Agent::new(model).tools(tools![weather, add].unwrap()).instructions("Be brief.");
        let said = agent.invoke("How is Oslo, and what is 2 + 40?").await.unwrap();
        assert_eq!((said.answer.text(), said.steps), ("It is sunny, and 42.", 2), "{provider:?}");
        assert!(said.usage.input_tokens > 10 && said.usage.output_tokens > 5, "{:?}", said.usage);
        assert_eq!(contents(&said.messages)[2..4], ["sunny in Oslo", "42"]);

        // What the provider was shown, in its own words.
        let second = &sim.requests_for(provider)[1].request;
        assert_eq!(second.system(), "Be brief.");
        let shown = second.body.to_string();
        assert!(shown.contains("sunny in Oslo") && shown.contains("\"42\"") || shown.contains("42"), "{shown}");
        let ids: Vec<&str> = said.messages[1].tool_calls().iter().map(|call| call.id.as_str()).collect();
        assert!(ids[0] != ids[1], "{ids:?}");

        let events: Vec<AgentEvent> = agent.stream("How is Oslo, and what is 2 + 40?").try_collect().await.unwrap();
        let text: String =
            events.iter().map(|event| if let AgentEvent::Text(text) = event { text } else { "" }).collect();
        assert_eq!(text, "Let me see.It is sunny, and 42.", "{provider:?}");
        let words: Vec<&str> = events
            .iter()
            .filter_map(|event| match event {
                AgentEvent::ToolCall(call) => Some(call.name.as_str()),
                AgentEvent::ToolResult(result) => Some(result.content()),
                AgentEvent::Answer(answer) => Some(answer.answer.text()),
                _ => None,
            })
            .collect();
        assert_eq!(words, ["weather", "add", "sunny in Oslo", "42", "It is sunny, and 42."], "{provider:?}");
        let streamed = catena::Chunks::new(futures_util::stream::iter(events.into_iter().map(Ok)));
        let streamed = streamed.assemble(AgentAssembler::default()).await.unwrap();
        assert_eq!((streamed.answer.text(), streamed.usage), (said.answer.text(), said.usage));
        assert_eq!(contents(&streamed.messages), contents(&said.messages));
    }
}

#[tokio::test]
async fn what_goes_wrong_with_a_call_is_told_to_the_model() {
    let model = Scripted::new([
        calls([
            ("wether", "{}"),
            ("weather", "{\"city\": "),
            ("weather", r#"{"town": 1}"#),
            ("weather", r#"{"city": "Atlantis"}"#),
        ]),
        Message::assistant("I give up."),
    ]);
    let said = model.agent().invoke("?").await.unwrap();
    assert_eq!(said.answer.text(), "I give up.");
    let told = model.asked(1).messages;
    let told = contents(&told);
    assert!(told[2].starts_with("Error: there is no tool `wether`: there are `weather`, `add`, `nap`"), "{told:?}");
    assert!(told[3].contains("not JSON"), "{told:?}");
    assert!(told[4].contains("`city` is missing: it is a string; there is no parameter `town`"), "{told:?}");
    assert_eq!(told[5], "Error: the sea is too deep");
    assert_eq!(model.asked(0).tools.len(), 3);
}

#[tokio::test]
async fn turns_are_explicit_and_instructions_no_part_of_them() {
    let model = Scripted::new([Message::assistant("Hi Ann."), Message::assistant("You are Ann.")]);
    let agent = model.agent().instructions("Be brief.");
    let first = agent.invoke("I am Ann.").await.unwrap();
    let second = agent.invoke(first.reply("Who am I?")).await.unwrap();
    assert_eq!(contents(&second.messages), ["I am Ann.", "Hi Ann.", "Who am I?", "You are Ann."]);
    let asked = model.asked(1).messages;
    assert_eq!(contents(&asked), ["Be brief.", "I am Ann.", "Hi Ann.", "Who am I?"]);
    // Nobody knows of it who is not told.
    let third = agent.invoke("Who am I?").await.unwrap_err();
    assert_eq!(third.message(), "the script has ended");
    assert_eq!(model.asked(2).messages.len(), 2);
}

#[tokio::test]
async fn an_agent_without_an_end_is_stopped_and_keeps_what_it_did() {
    let again = || calls([("add", r#"{"a": 1, "b": 1}"#)]);
    let model = Scripted::new(std::iter::repeat_with(again).take(9));
    let error = model.agent().max_steps(3).invoke("?").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 3 });
    assert!(error.message().contains("asked its model 3 times") && !error.is_retryable(), "{error}");
    assert_eq!(error.path(), "agent");
    let stopped = error.downcast_ref::<AgentError>().unwrap();
    assert_eq!((stopped.reason, stopped.steps, stopped.usage), (StopReason::Steps, 3, Usage::new(300, 30)));
    assert_eq!(contents(&stopped.messages), ["?", "", "2", "", "2", "", "2"]);
}

#[tokio::test(start_paused = true)]
async fn an_agent_out_of_time_can_be_gone_on_with() {
    let model = Scripted::new([calls([("add", r#"{"a": 1, "b": 1}"#), ("nap", "{}")]), Message::assistant("Two.")]);
    let error = model.agent().time_limit(Duration::from_secs(5)).invoke("?").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: Duration::from_secs(5) });
    let stopped = error.downcast_ref::<AgentError>().unwrap();
    assert_eq!(stopped.reason, StopReason::Time);
    assert_eq!(contents(&stopped.messages), ["?", "", "2", "Not done: the agent was stopped."]);
    let said = model.agent().invoke(stopped.messages.clone()).await.unwrap();
    assert_eq!(said.answer.text(), "Two.");
}

#[tokio::test]
async fn an_agent_stops_at_its_cost() {
    let again = || calls([("add", r#"{"a": 1, "b": 1}"#)]);
    let model = Scripted::new(std::iter::repeat_with(again).take(9));
    let million: Cost = "1".parse().unwrap();
    let mut prices = PriceTable::empty();
    // 100 tokens in and 10 out cost $0.00011.
    prices.set("scripted", Price::per_million(million, million));
    let limit = "0.0003".parse().unwrap();
    let error = model.agent().cost_limit(limit, prices.clone()).invoke("?").await.unwrap_err();
    assert_eq!(error.message(), "the agent has cost $0.00033 and has no answer: its limit is $0.0003");
    let stopped = error.downcast_ref::<AgentError>().unwrap();
    assert_eq!((stopped.reason, stopped.steps), (StopReason::Cost, 3));
    assert!(!error.is_retryable());
    // Without a price there is no limit to keep.
    let error = model.agent().strict_cost_limit(limit, PriceTable::empty()).invoke("?").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains("the price of `scripted` is not known"), "{error}");
    // Unless the limit is strict, the agent goes on.
    let again = [calls([("add", r#"{"a": 1, "b": 1}"#)]), Message::assistant("Two.")];
    let said = Scripted::new(again).agent().cost_limit(limit, PriceTable::empty()).invoke("?").await.unwrap();
    assert_eq!((said.answer.text(), said.cost), ("Two.", None));
}

#[tokio::test]
async fn an_error_of_the_model_keeps_its_kind_and_the_conversation() {
    let model = Scripted::new([calls([("add", r#"{"a": 1, "b": 1}"#)])]);
    let error = model.agent().invoke("?").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    assert_eq!(error.to_string(), "agent.scripted: the script has ended (while asking scripted)");
    let stopped = error.downcast_ref::<AgentError>().unwrap();
    assert_eq!((stopped.reason, contents(&stopped.messages)), (StopReason::Failed, vec!["?", "", "2"]));

    // And a provider's error is still there behind it.
    let sim = Simulator::start().await.unwrap();
    sim.script(Provider::OpenAi).fail(catena_llm::simulator::Fault::status(500)).always();
    let error = Agent::new(models(&sim).remove(0).1).invoke("?").await.unwrap_err();
    assert!(
        error.downcast_ref::<catena_llm::ProviderError>().is_some() && error.downcast_ref::<AgentError>().is_some()
    );
}

#[tokio::test]
async fn a_turn_that_the_provider_paused_goes_on() {
    let paused = Message::assistant("I look.").with_finish_reason(FinishReason::Other("pause_turn".to_owned()));
    let model = Scripted::new([paused, Message::assistant("It is 4.")]);
    let answer = model.agent().invoke("?").await.unwrap();
    assert_eq!((answer.answer.text(), answer.steps), ("It is 4.", 2));
    assert_eq!(contents(&answer.messages), ["?", "I look.", "It is 4."]);
    assert_eq!(contents(&model.asked(1).messages), ["?", "I look."]);
}

#[tokio::test]
async fn an_empty_answer_is_an_error() {
    for empty in [Message::assistant(" \n"), Message::new(Role::Assistant)] {
        let error = Scripted::new([empty]).agent().invoke("?").await.unwrap_err();
        assert!(error.message().contains("the model's answer is empty"), "{error}");
    }
}

#[tokio::test]
async fn a_hook_refuses_and_changes_calls() {
    let script = || {
        Scripted::new([
            calls([("weather", r#"{"city": "Rome"}"#), ("add", r#"{"a": 1, "b": 1}"#), ("nap", "{}")]),
            Message::assistant("Well."),
        ])
    };
    let look = |call: &ToolCall| match &*call.name {
        "nap" => Approval::refuse("there is work to do"),
        "add" => Approval::Change(ToolCall::new("", "add", r#"{"a": 20, "b": 1}"#)),
        _ => Approval::Call,
    };
    let said = script().agent().approve(look).invoke("?").await.unwrap();
    let expected = ["?", "", "sunny in Rome", "21", "Refused: there is work to do", "Well."];
    assert_eq!(contents(&said.messages), expected);
    assert_eq!(said.messages[1].tool_calls()[1].raw_arguments, r#"{"a": 1, "b": 1}"#);
    let later = move |call: ToolCall| async move {
        tokio::task::yield_now().await;
        Ok(look(&call))
    };
    let said = script().agent().approve_async(later).invoke("?").await.unwrap();
    assert_eq!(contents(&said.messages), expected);
    let gone = |_: ToolCall| async { Err(Error::msg("nobody is there")) };
    let error = script().agent().approve_async(gone).invoke("?").await.unwrap_err();
    assert_eq!(error.to_string(), "agent: nobody is there (while approving a call of `weather`)");
    assert_eq!(error.downcast_ref::<AgentError>().unwrap().messages.len(), 5);
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize, schemars::JsonSchema)]
struct Forecast {
    city: String,
    degrees: i32,
}

#[tokio::test]
async fn a_typed_answer_is_asked_for_by_its_schema_and_again_where_it_does_not_fit() {
    let model = Scripted::new([
        calls([("weather", r#"{"city": "Oslo"}"#)]),
        calls([("final_answer", r#"{"city": "Oslo"}"#)]),
        Message::assistant("Twenty degrees."),
        calls([("final_answer", r#"{"city": "Oslo", "degrees": 20}"#)]),
    ]);
    let said = model.agent().answering::<Forecast>().invoke("?").await.unwrap();
    assert_eq!((said.answer.clone(), said.steps), (Forecast { city: "Oslo".to_owned(), degrees: 20 }, 4));
    assert_eq!(serde_json::to_value(&said).unwrap()["answer"], json!({ "city": "Oslo", "degrees": 20 }));
    let asked = model.asked(0);
    assert_eq!(asked.tools[3].schema["required"], json!(["city", "degrees"]));
    assert_eq!(asked.tool_choice, Some(ToolChoice::Required));
    let told = contents(&said.messages);
    assert!(told[4].contains("`degrees` is missing: it is an integer"), "{told:?}");
    assert!(told[6].contains("by calling the tool `final_answer`"), "{told:?}");
    // The conversation can go on: every call has its result.
    assert_eq!(said.messages.last().unwrap().role(), &Role::Tool);
}

#[tokio::test]
async fn a_typed_answer_is_asked_for_only_so_often() {
    let wrong = || calls([("final_answer", r#"{"city": "Oslo", "degrees": "hot"}"#)]);
    let model = Scripted::new(std::iter::repeat_with(wrong).take(9));
    let error = model.agent().answering::<Forecast>().answer_attempts(2).invoke("?").await.unwrap_err();
    assert!(
        error.message().contains("after 2 attempts") && error.message().contains("`degrees` is a string"),
        "{error}"
    );
    assert_eq!(error.raw_output(), Some(r#"{"city": "Oslo", "degrees": "hot"}"#));
    assert_eq!(error.downcast_ref::<AgentError>().unwrap().reason, StopReason::Answer);
    // Types that are no objects, and answers that are written instead of given.
    let model = Scripted::new([calls([("final_answer", r#"{"answer": [1, 2]}"#)])]);
    assert_eq!(model.agent().answering::<Vec<u8>>().invoke("?").await.unwrap().answer, [1, 2]);
    let model = Scripted::new([Message::assistant(r#" {"city": "Oslo", "degrees": 1} "#)]);
    assert_eq!(model.agent().answering::<Forecast>().invoke("?").await.unwrap().answer.degrees, 1);
    // After thoughts, too.
    let model = Scripted::new([Message::assistant("<think>Hm, {}.</think>\n{\"city\": \"Oslo\", \"degrees\": 1}")]);
    assert_eq!(model.agent().answering::<Forecast>().invoke("?").await.unwrap().answer.degrees, 1);
    // A tool of that name would never be called.
    let mine = tool_with_schema("final_answer", "Mine.", json!({ "type": "object" }), |_| async { Ok(()) });
    let agent = Agent::new(Chat::new(model)).tools(tools![mine].unwrap()).answering::<Forecast>();
    assert!(agent.invoke("?").await.unwrap_err().message().contains("rename your tool"));
}

/// A sum, or a number.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, schemars::JsonSchema)]
enum Expr {
    Number(i64),
    Sum(Vec<Expr>),
}

#[tokio::test]
async fn the_references_of_a_wrapped_answer_lead_somewhere() {
    let model = Scripted::new([
        calls([("final_answer", r#"{"answer": {"Sum": [{"Number": 1}, {"Number": 2}]}}"#)]),
        calls([("final_answer", r#"{"answer": [{"city": "Oslo", "degrees": 1}]}"#)]),
    ]);
    let said = model.agent().answering::<Expr>().invoke("?").await.unwrap();
    assert_eq!(said.answer, Expr::Sum(vec![Expr::Number(1), Expr::Number(2)]));
    model.agent().answering::<Vec<Forecast>>().invoke("?").await.unwrap();
    for request in 0..2 {
        let tools = model.asked(request).tools;
        let schema = &tools.iter().find(|tool| tool.name == "final_answer").unwrap().schema;
        let mut references = Vec::new();
        find_references(schema, &mut references);
        assert!(request > 0 || !references.is_empty(), "{schema}");
        for reference in references {
            let place = reference.strip_prefix('#').unwrap();
            assert!(!place.is_empty() && schema.pointer(place).is_some(), "{reference} in {schema:#}");
        }
    }
}

fn find_references(schema: &serde_json::Value, found: &mut Vec<String>) {
    match schema {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(target) if key == "$ref" => found.push(target.to_owned()),
                    _ => find_references(value, found),
                }
            }
        }
        serde_json::Value::Array(several) => several.iter().for_each(|one| find_references(one, found)),
        _ => {}
    }
}

#[tokio::test]
async fn a_typed_answer_comes_over_each_protocol() {
    let sim = Simulator::start().await.unwrap();
    for target in Provider::ALL {
        let given = Answer::new("").tool_call("final_answer", json!({ "city": "Oslo", "degrees": 7 }));
        let _script = sim.script(target).answer(given).always();
    }
    for (provider, model) in models(&sim) {
        let agent = Agent::new(model).answering::<Forecast>();
        assert_eq!(agent.invoke("?").await.unwrap().answer.degrees, 7, "{provider:?}");
        let streamed = agent.stream("?").assemble(AgentAssembler::default()).await.unwrap();
        assert_eq!(streamed.answer.degrees, 7, "{provider:?}");
    }
}

#[tokio::test]
async fn calls_of_models_and_tools_are_runs_under_that_of_the_agent() {
    let model =
        Scripted::new([calls([("weather", r#"{"city": "Oslo"}"#), ("wether", "{}")]), Message::assistant("Sunny.")]);
    let events: Vec<_> = model.agent().events("?").try_collect().await.unwrap();
    let seen: Vec<String> = events
        .iter()
        .filter(|event| !event.event().ends_with("_stream"))
        .map(|event| format!("{}{} {}", "  ".repeat(event.run.parents().len()), event.event(), event.run.name()))
        .collect();
    assert_eq!(
        seen,
        [
            "on_chain_start agent",
            "  on_chat_model_start scripted",
            "  on_chat_model_end scripted",
            "  on_chain_start tools",
            "    on_tool_start weather",
            "    on_tool_end weather",
            "  on_chain_end tools",
            "  on_chat_model_start scripted",
            "  on_chat_model_end scripted",
            "on_chain_end agent",
        ]
    );
    let start = events.iter().find(|event| event.event() == "on_tool_start").unwrap();
    assert_eq!(start.input(), Some(&json!({ "city": "Oslo" })));
    let end = events.last().unwrap();
    assert_eq!(end.output().unwrap()["answer"]["content"], "Sunny.");
    assert_eq!(end.output().unwrap()["steps"], 2);
}

#[tokio::test]
async fn the_model_may_be_any_step_and_the_agent_any_step_of_a_chain() {
    let flaky = Scripted::new([]);
    let backup = Scripted::new([Message::assistant("Here I am.")]);
    let model = Chat::new(flaky.clone())
        .timeout(Duration::from_secs(5))
        .retry(catena::Retry::attempts(2).base(Duration::ZERO))
        .fallback(Chat::new(backup));
    let agent = Agent::new(model).tools(tools![add].unwrap()).named("helper");
    let chain = catena::chain!(String => |text| text.trim().to_owned() | agent | |said| said.answer.text().to_owned());
    assert_eq!(chain.invoke(" ? ".to_owned()).await.unwrap(), "Here I am.");
    let asked = flaky.asked.lock().unwrap();
    assert_eq!((asked.len(), asked[1].tools.len()), (2, 1));
}

#[tokio::test]
async fn an_agent_within_an_agent_counts_to_the_recursion_limit() {
    fn nested(depth: u32) -> Agent<Chat<Scripted>> {
        let model = Scripted::new([calls([("ask", "{}")]), Message::assistant("Done.")]);
        let ask = Nested { depth };
        Agent::new(Chat::new(model)).tools(tools![ask].unwrap())
    }
    /// Asks another agent, which has the same tool.
    struct Nested {
        depth: u32,
    }
    impl catena_llm::Tool for Nested {
        fn name(&self) -> &'static str {
            "ask"
        }
        fn call<'a>(
            &'a self,
            _: serde_json::Value,
            cx: &'a Context,
        ) -> impl std::future::Future<Output = Result<ToolContent>> + Send + 'a {
            let depth = self.depth + 1;
            let asked: futures_util::future::BoxFuture<'a, Result<ToolContent>> = Box::pin(async move {
                let agent = nested(depth);
                Ok(catena::Runnable::call(&agent, format!("{depth}"), cx).await?.answer.text().into())
            });
            asked
        }
    }
    let error = nested(0).invoke_with("?", Config::new().recursion_limit(4)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 4 });
}

#[test]
fn a_graph_shows_the_model_and_the_tools() {
    const AGENT: Node = <Agent<Chat<Scripted>> as Step>::NODE;
    const { assert!(AGENT.count(Kind::Model) == 1 && AGENT.count(Kind::Tool) == 1 && AGENT.gives_pieces()) };
    // Trying it again would call its tools again.
    assert!(catena::policy::unmarked_tool_retry(&Node::Retry { attempts: None, node: &AGENT }).is_refused());
    let agent = Scripted::default().agent().named("helper");
    let graph = catena::RunnableExt::<String>::graph(&agent).text();
    for word in ["weather", "add", "nap"] {
        assert!(graph.contains(word), "{graph}");
    }
    let manifest = catena::RunnableExt::<String>::manifest(&agent).json().to_string();
    assert!(manifest.contains("\"max_steps\":25") && manifest.contains("scripted"), "{manifest}");
}

#[tokio::test]
async fn an_agent_with_a_history_stores_what_is_new() {
    use catena_llm::memory::{HistoryExt, HistoryStore, InMemoryHistory, SESSION};
    for streamed in [false, true] {
        let turn = || [calls([("weather", r#"{"city": "Oslo"}"#)]), Message::assistant("It is sunny.")];
        let scripted = Scripted::new([turn(), turn(), turn()].concat());
        let store = InMemoryHistory::new();
        let agent = scripted.agent().with_history(store.clone(), &SESSION);
        for (number, stored) in [4, 8, 12].into_iter().enumerate() {
            let config = Config::new().set(&SESSION, Some("anna".to_owned()));
            let answer = if streamed {
                let events = agent.stream_with("And now?", config).assemble(AgentAssembler::default());
                events.await.unwrap()
            } else {
                agent.invoke_with("And now?", config).await.unwrap()
            };
            assert_eq!(answer.new_messages().len(), 3);
            assert_eq!(answer.messages.len(), 4 * (number + 1));
            let history = store.get("anna").await.unwrap();
            assert_eq!(history.len(), stored);
            assert_eq!(history, answer.messages);
        }
    }
}
