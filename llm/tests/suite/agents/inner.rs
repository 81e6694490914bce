//! Agents as tools of others.

use super::{Forecast, Scripted, calls, contents};
use catena::RunnableExt;
use catena_llm::{Agent, AgentError, Approval, Chat, Cost, Message, Price, PriceTable, StopReason, Usage, tools};
use futures_util::TryStreamExt;

fn task() -> Message {
    calls([("researcher", r#"{"task": "Add."}"#)])
}

fn outer(model: Scripted, inner: impl catena_llm::Tool + 'static) -> Agent<Chat<Scripted>> {
    Agent::new(Chat::new(model)).tools(tools![inner].unwrap())
}

#[tokio::test]
async fn its_events_are_beneath_the_call_and_its_tokens_in_the_callers() {
    let inner = Scripted::new([calls([("add", r#"{"a": 1, "b": 1}"#)]), Message::assistant("Two.")]);
    let model = Scripted::new([task(), Message::assistant("It is two.")]);
    let agent = outer(model, inner.agent().as_tool("researcher", "Adds."));
    let events: Vec<_> = agent.events("?").try_collect().await.unwrap();
    let seen: Vec<String> = events
        .iter()
        .filter(|event| event.event().ends_with("_start"))
        .map(|event| format!("{}{}", "  ".repeat(event.run.parents().len()), event.run.name()))
        .collect();
    let wanted = [
        "agent",
        "  scripted",
        "  tools",
        "    researcher",
        "      agent",
        "        scripted",
        "        tools",
        "          add",
        "        scripted",
        "  scripted",
    ];
    assert_eq!(seen, wanted);
    let end = events.last().unwrap().output().unwrap();
    assert_eq!(end["usage"]["input_tokens"], 400);
    assert_eq!(end["steps"], 2, "the steps are its own");
    assert_eq!(contents(&inner.asked(0).messages), ["Add."]);
}

#[tokio::test]
async fn its_limits_are_its_own_and_its_cost_counts_to_that_of_the_caller() {
    let again = || calls([("add", r#"{"a": 1, "b": 1}"#)]);
    let inner =
        || Scripted::new(std::iter::repeat_with(again).take(9)).agent().max_steps(3).as_tool("researcher", "Adds.");
    let model = || Scripted::new([task(), Message::assistant("No idea.")]);
    let said = outer(model(), inner()).invoke("?").await.unwrap();
    let told = contents(&said.messages)[2];
    assert!(told.starts_with("Error: the agent asked its model 3 times and has no answer"), "{told}");
    // Failed or not, it was paid for.
    assert_eq!(said.usage, Usage::new(500, 50));

    let million: Cost = "1".parse().unwrap();
    let mut prices = PriceTable::empty();
    prices.set("scripted", Price::per_million(million, million));
    let error = outer(model(), inner()).cost_limit("0.0003".parse().unwrap(), prices).invoke("?").await.unwrap_err();
    assert_eq!(error.message(), "the agent has cost $0.00044 and has no answer: its limit is $0.0003");
    assert_eq!(error.downcast_ref::<AgentError>().unwrap().reason, StopReason::Cost);
}

#[tokio::test]
async fn agents_in_agents_count_to_all_around_them_once() {
    let innermost = Scripted::new([Message::assistant("Two.")]).agent().as_tool("researcher", "Adds.");
    let middle = outer(Scripted::new([task(), Message::assistant("Two!")]), innermost).as_tool("researcher", "Asks.");
    let said = outer(Scripted::new([task(), Message::assistant("It is two.")]), middle).invoke("?").await.unwrap();
    assert_eq!(said.usage, Usage::new(500, 50));
    assert_eq!(contents(&said.messages)[2], "Two!");
}

#[tokio::test]
async fn a_typed_answer_is_json_and_a_pause_is_an_error() {
    let inner = Scripted::new([calls([("final_answer", r#"{"city": "Oslo", "degrees": 3}"#)])]);
    let typed = inner.agent().answering::<Forecast>().as_tool("researcher", "Looks.");
    let said = outer(Scripted::new([task(), Message::assistant("So.")]), typed).invoke("?").await.unwrap();
    assert_eq!(contents(&said.messages)[2], r#"{"city":"Oslo","degrees":3}"#);

    let inner = Scripted::new([calls([("add", r#"{"a": 1, "b": 1}"#)])]);
    let pauses = inner.agent().approve(|_| Approval::pause()).as_tool("researcher", "Adds.");
    let said = outer(Scripted::new([task(), Message::assistant("So.")]), pauses).invoke("?").await.unwrap();
    let told = "Error: `researcher` cannot wait for a decision on its calls, because it is a tool";
    assert_eq!(contents(&said.messages)[2], told);
    // A task that is missing is an error of the call.
    let model = Scripted::new([calls([("researcher", "{}")]), Message::assistant("So.")]);
    let said = outer(model, Scripted::new([]).agent().as_tool("researcher", "Adds.")).invoke("?").await.unwrap();
    assert!(contents(&said.messages)[2].contains("`task` is missing"));
}
