//! Decisions on calls that come from another process.

use super::{Forecast, Scripted, add, calls, contents, models, weather};
use catena::{Error, ErrorKind, Result, RunnableExt};
use catena_llm::{
    Agent, AgentAssembler, AgentError, AgentEvent, AgentPaused, Approval, Chat, Message, StopReason, ToolCall, Usage,
    hooks::LimitTool,
    simulator::{Answer, Provider, Simulator},
    tools,
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

fn ask_for_sums(call: &ToolCall) -> Approval {
    if call.name == "add" { Approval::pause() } else { Approval::Call }
}

/// The state, as another process reads it.
pub(super) fn stored(error: &Error) -> AgentPaused {
    let paused = error.downcast_ref::<AgentPaused>().unwrap_or_else(|| panic!("{error:?}"));
    serde_json::from_str(&serde_json::to_string(paused).unwrap()).unwrap()
}

fn three() -> Message {
    calls([
        ("add", r#"{"a": 1, "b": 1}"#),
        ("weather", r#"{"city": "Oslo"}"#),
        ("add", r#"{"a": 2, "b": 2}"#),
        ("add", r#"{"a": 3, "b": 3}"#),
    ])
}

#[tokio::test]
async fn several_calls_wait_and_are_decided_on_elsewhere() {
    let model = Scripted::new([three(), Message::assistant("Well.")]);
    let agent = model.agent().approve(ask_for_sums);
    let error = agent.invoke("?").await.unwrap_err();
    assert_eq!(error.message(), "the agent waits for a decision on `add`, `add`, `add`");
    assert!(!error.is_retryable());
    let stopped = error.downcast_ref::<AgentError>().unwrap();
    assert_eq!((stopped.reason, stopped.messages.len()), (StopReason::Paused, 6));

    let mut paused = stored(&error);
    let ids: Vec<String> = paused.waiting().map(|call| call.id).collect();
    assert_eq!(ids, ["call_0", "call_2", "call_3"]);
    paused.approve("call_0").unwrap();
    paused.refuse("call_2", "not that one").unwrap();
    paused.approve_with("call_3", &json!({ "a": 30, "b": 3 })).unwrap();
    assert_eq!(paused.waiting().count(), 0);
    let said = agent.invoke(paused).await.unwrap();
    assert_eq!(contents(&said.messages), ["?", "", "2", "sunny in Oslo", "Refused: not that one", "33", "Well."]);
    // It goes on, and does not begin again.
    assert_eq!((said.steps, said.usage, said.new_messages().len()), (2, Usage::new(200, 20), 6));
    assert_eq!(said.messages[1].tool_calls()[3].raw_arguments, r#"{"a": 3, "b": 3}"#);
}

#[tokio::test]
async fn no_call_is_made_before_all_are_decided() {
    let made = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = std::sync::Arc::clone(&made);
    let hook = move |call: ToolCall, next: catena_llm::hooks::NextTool| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        next.call(call)
    };
    let model = Scripted::new([three(), Message::assistant("Well.")]);
    let agent = model.agent().approve(ask_for_sums).around_tool(hook);
    let mut paused = stored(&agent.invoke("?").await.unwrap_err());
    paused.approve("call_0").unwrap();
    // Some are decided, and the agent waits for the others, with the decisions it has.
    let mut paused = stored(&agent.invoke(paused).await.unwrap_err());
    assert_eq!(paused.waiting().count(), 2);
    assert_eq!(made.load(std::sync::atomic::Ordering::Relaxed), 0);
    paused.approve("call_2").unwrap();
    paused.approve("call_3").unwrap();
    agent.invoke(paused).await.unwrap();
    assert_eq!(made.load(std::sync::atomic::Ordering::Relaxed), 4);
}

#[tokio::test]
async fn an_approval_of_a_call_that_is_gone_is_a_clear_error() {
    let model = Scripted::new([three()]);
    let mut paused = stored(&model.agent().approve(ask_for_sums).invoke("?").await.unwrap_err());
    let gone = paused.approve("call_9").unwrap_err();
    let waiting = "waiting are `call_0` (add), `call_2` (add), `call_3` (add)";
    assert_eq!(gone.message(), format!("no call `call_9` waits for a decision: {waiting}"));
    paused.approve("call_0").unwrap();
    let twice = paused.refuse("call_0", "after all").unwrap_err();
    assert_eq!(twice.message(), "the call `call_0` was decided already; waiting are `call_2` (add), `call_3` (add)");
    assert_eq!(twice.kind(), &ErrorKind::BadInput);
    // A call that did not have to wait, too.
    assert!(paused.approve("call_1").unwrap_err().message().contains("decided already"));
    // The model reads that a tool is gone.
    paused.approve("call_2").unwrap();
    paused.approve("call_3").unwrap();
    let model = Scripted::new([Message::assistant("Well.")]);
    let said = Agent::new(Chat::new(model)).tools(tools![weather].unwrap()).invoke(paused).await.unwrap();
    assert_eq!(contents(&said.messages)[2], "Error: there is no tool `add`: there are `weather`");
}

#[tokio::test]
async fn a_state_that_is_not_whole_is_refused() {
    let model = Scripted::new([three()]);
    let agent = model.agent().approve(ask_for_sums);
    let paused = serde_json::to_value(stored(&agent.invoke("?").await.unwrap_err())).unwrap();
    let cases: [(&str, Value, &str); 3] = [
        (
            "version",
            json!(3),
            "a paused agent cannot go on: its state has version 3, and versions up to 2 are understood",
        ),
        ("calls", json!([]), "a paused agent cannot go on: its calls are not those of its last message"),
        ("given", json!(99), "a paused agent cannot go on: its conversation is not whole"),
    ];
    for (field, value, wanted) in cases {
        let mut changed = paused.clone();
        changed[field] = value;
        let changed: AgentPaused = serde_json::from_value(changed).unwrap();
        let error = agent.invoke(changed).await.unwrap_err();
        assert_eq!((error.message(), error.kind()), (wanted, &ErrorKind::BadInput));
    }
}

#[tokio::test]
async fn limits_go_on_counting_and_typed_answers_and_streams_resume() {
    let answer = || calls([("final_answer", r#"{"city": "Oslo", "degrees": 3}"#)]);
    let model =
        Scripted::new([calls([("add", r#"{"a": 1, "b": 1}"#)]), calls([("add", r#"{"a": 2, "b": 2}"#)]), answer()]);
    let agent = model.agent().approve(ask_for_sums).hook(LimitTool::new("add", 1)).answering::<Forecast>();
    let mut paused = stored(&agent.stream("?").try_collect::<Vec<_>>().await.unwrap_err());
    paused.approve("call_0").unwrap();
    let mut paused = stored(&agent.stream(paused).try_collect::<Vec<_>>().await.unwrap_err());
    paused.approve("call_0").unwrap();
    let events: Vec<AgentEvent<Forecast>> = agent.stream(paused.clone()).try_collect().await.unwrap();
    let Some(AgentEvent::Answer(said)) = events.last() else { panic!("{events:?}") };
    assert_eq!((said.answer.degrees, said.steps), (3, 3));
    assert_eq!(contents(&said.messages)[4], "Not called: `add` may be called 1 time. Answer without it.");
    let error = agent.max_steps(2).invoke(paused).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 2 });
}

#[tokio::test]
async fn what_a_provider_wants_back_survives_the_pause() -> Result<()> {
    let sim = Simulator::start().await.unwrap();
    for target in Provider::ALL {
        let ask = Answer::new("Let me see.")
            .thoughts("Hm.")
            .tool_call("add", json!({ "a": 2, "b": 40 }))
            .tool_call("weather", json!({ "city": "Oslo" }));
        let _script = sim.script(target).answer(ask).answer("It is 42.");
    }
    for (provider, model) in models(&sim) {
        let agent = Agent::new(model).tools(tools![weather, add]?).approve(|_| Approval::pause());
        let error = agent.stream("What is 2 + 40?").assemble(AgentAssembler::default()).await.unwrap_err();
        let mut paused = stored(&error);
        let ids: Vec<String> = paused.waiting().map(|call| call.id).collect();
        assert_eq!(ids.len(), 2, "{provider:?}");
        ids.iter().try_for_each(|id| paused.approve(id))?;
        assert_eq!(agent.invoke(paused).await?.answer.text(), "It is 42.", "{provider:?}");
    }
    Ok(())
}
