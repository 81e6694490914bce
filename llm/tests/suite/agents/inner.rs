//! Agents as tools of others.

use super::{Forecast, Scripted, calls, contents, paused::stored};
use catena::{ErrorKind, RunnableExt};
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
async fn a_typed_answer_is_json_and_a_missing_task_an_error() {
    let inner = Scripted::new([calls([("final_answer", r#"{"city": "Oslo", "degrees": 3}"#)])]);
    let typed = inner.agent().answering::<Forecast>().as_tool("researcher", "Looks.");
    let said = outer(Scripted::new([task(), Message::assistant("So.")]), typed).invoke("?").await.unwrap();
    assert_eq!(contents(&said.messages)[2], r#"{"city":"Oslo","degrees":3}"#);

    // A task that is missing is an error of the call.
    let model = Scripted::new([calls([("researcher", "{}")]), Message::assistant("So.")]);
    let said = outer(model, Scripted::new([]).agent().as_tool("researcher", "Adds.")).invoke("?").await.unwrap();
    assert!(contents(&said.messages)[2].contains("`task` is missing"));
}

/// Adds, if a person lets it.
fn careful(model: &Scripted) -> Agent<Chat<Scripted>> {
    model.agent().approve(|call| if call.name == "add" { Approval::pause() } else { Approval::Call })
}

#[tokio::test]
async fn an_agent_inside_that_pauses_pauses_its_caller_and_goes_on_with_it() {
    let inner = || Scripted::new([calls([("add", r#"{"a": 1, "b": 1}"#)]), Message::assistant("Two.")]);
    let asks =
        calls([("researcher", r#"{"task": "Add."}"#), ("count", "{}"), ("researcher", r#"{"task": "Add again."}"#)]);
    let made = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let model = Scripted::new([asks, Message::assistant("Twice two.")]);
    // The second one has another model, for each has its own script.
    let agent = |models: [Scripted; 2]| {
        let count = std::sync::Arc::clone(&made);
        let count =
            catena_llm::tool_with_schema("count", "Counts.", serde_json::json!({"type": "object"}), move |_| {
                let made = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                async move { Ok(made) }
            });
        let [one, other] = models;
        let both =
            OneOrOther(careful(&one).as_tool("researcher", "Adds."), careful(&other).as_tool("researcher", "Adds."));
        Agent::new(Chat::new(model.clone())).tools(tools![both, count].unwrap())
    };
    let models = [inner(), inner()];
    let error = agent(models.clone()).invoke("?").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Paused);
    assert_eq!(error.message(), "the agent waits for a decision on `add`, `add`");
    assert_eq!(error.downcast_ref::<AgentError>().unwrap().reason, StopReason::Paused);
    // What the agents inside have paid for is not lost.
    assert_eq!(error.downcast_ref::<AgentError>().unwrap().usage, Usage::new(300, 30));

    let mut paused = stored(&error);
    let ids: Vec<String> = paused.waiting().map(|call| call.id).collect();
    assert_eq!(ids, ["call_0/call_0", "call_2/call_0"]);
    for (id, why) in [
        ("call_0", "the call `call_0` was decided already"),
        ("call_0/call_1", "no call `call_0/call_1` waits"),
        ("call_0/call_0/call_0", "no call `call_0/call_0/call_0` waits"),
    ] {
        assert!(paused.approve(id).unwrap_err().message().starts_with(why), "{id}");
    }
    paused.approve_with("call_0/call_0", &serde_json::json!({ "a": 20, "b": 1 })).unwrap();
    // Not before all are decided.
    let mut paused = stored(&agent(models.clone()).invoke(paused).await.unwrap_err());
    assert_eq!((models[0].requests(), models[1].requests()), (1, 1));
    paused.refuse("call_2/call_0", "once is enough").unwrap();

    let said = agent(models.clone()).invoke(paused).await.unwrap();
    assert_eq!(contents(&said.messages), ["?", "", "Two.", "0", "Two.", "Twice two."]);
    assert_eq!(said.usage, Usage::new(600, 60));
    assert_eq!(contents(&models[0].asked(1).messages), ["Add.", "", "21"]);
    assert_eq!(contents(&models[1].asked(1).messages), ["Add again.", "", "Refused: once is enough"]);
    assert_eq!(made.load(std::sync::atomic::Ordering::Relaxed), 1, "a call that had ended is not made again");
}

/// The first agent for the first task.
struct OneOrOther<T, U>(T, U);

impl<T: catena_llm::Tool, U: catena_llm::Tool> catena_llm::Tool for OneOrOther<T, U> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema(&self) -> serde_json::Value {
        self.0.schema()
    }

    async fn call(
        &self,
        arguments: serde_json::Value,
        cx: &catena::Context,
    ) -> catena::Result<catena_llm::ToolContent> {
        if arguments["task"] == "Add." { self.0.call(arguments, cx).await } else { self.1.call(arguments, cx).await }
    }
}

#[tokio::test]
async fn agents_pause_through_two_others_again_and_again() {
    let add = || calls([("add", r#"{"a": 1, "b": 1}"#)]);
    let innermost = Scripted::new([add(), add(), Message::assistant("Two.")]);
    let (middle, outermost) = (
        Scripted::new([task(), Message::assistant("Two!")]),
        Scripted::new([task(), Message::assistant("It is two.")]),
    );
    let agent = || {
        let innermost = careful(&innermost).as_tool("researcher", "Adds.");
        outer(outermost.clone(), outer(middle.clone(), innermost).as_tool("researcher", "Asks."))
    };
    let mut paused = stored(&agent().invoke("?").await.unwrap_err());
    paused.approve("call_0/call_0/call_0").unwrap();
    let mut paused = stored(&agent().stream(paused).try_collect::<Vec<_>>().await.unwrap_err());
    paused.approve("call_0/call_0/call_0").unwrap();
    let said = agent().invoke(paused).await.unwrap();
    assert_eq!((said.answer.text(), said.usage, said.steps), ("It is two.", Usage::new(700, 70), 2));
    assert_eq!([&innermost, &middle, &outermost].map(Scripted::requests), [3, 2, 2]);
}
