//! What is done around the turns of an agent.

use super::{Forecast, Scripted, add, calls, contents, weather};
use catena::{Context, Error, ErrorKind, Result, RunnableExt};
use catena_llm::{
    Agent, AgentError, AgentEvent, Chat, Message, Messages, StopReason, ToolCall, ToolResult, Usage,
    hooks::{
        CacheTools, ChooseTools, FallBack, Hook, LimitTool, Moderate, NextModel, NextTool, RedactPersonal, RetryTool,
        Turn,
    },
    retrieval::{Embedder, Embedding},
    testing::{self, Reply},
    tool_fn, tools,
};
use futures_util::TryStreamExt;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

type Log = Arc<Mutex<Vec<String>>>;

/// Writes down what it sees.
struct Witness {
    name: &'static str,
    log: Log,
}

impl Witness {
    fn saw(&self, what: &str) {
        self.log.lock().unwrap().push(format!("{} {what}", self.name));
    }
}

impl Hook for Witness {
    fn name(&self) -> &str {
        self.name
    }

    async fn before_model(&self, turn: Turn, _: &Context) -> Result<Turn> {
        self.saw(&format!("before {}", turn.step()));
        Ok(turn)
    }

    async fn around_model(&self, turn: Turn, next: NextModel<'_>) -> Result<Message> {
        self.saw("asks");
        let message = next.call(turn).await;
        self.saw("asked");
        message
    }

    async fn after_model(&self, message: Message, _: &Context) -> Result<Message> {
        self.saw("after");
        Ok(message)
    }

    async fn around_tool(&self, call: ToolCall, next: NextTool) -> Result<ToolResult> {
        self.saw(&format!("calls {}", call.name));
        let result = next.call(call).await;
        self.saw("called");
        result
    }

    async fn at_end(&self, ending: catena_llm::hooks::Ending, _: &Context) -> Result<catena_llm::hooks::Ending> {
        self.saw("ends");
        Ok(ending)
    }
}

#[tokio::test]
async fn hooks_are_nested_in_their_order() {
    let log = Log::default();
    let model = Scripted::new([calls([("add", r#"{"a": 1, "b": 2}"#)]), Message::assistant("Three.")]);
    let agent =
        model.agent().hook(Witness { name: "a", log: log.clone() }).hook(Witness { name: "b", log: log.clone() });
    agent.invoke("?").await.unwrap();
    let turn = |number| [format!("a before {number}"), format!("b before {number}")];
    let asked = ["a asks", "b asks", "b asked", "a asked", "b after", "a after"].map(str::to_owned);
    let tool = ["a calls add", "b calls add", "b called", "a called"].map(str::to_owned);
    let end = ["b ends", "a ends"].map(str::to_owned);
    let wanted = [&turn(1)[..], &asked, &tool, &turn(2), &asked, &end].concat();
    assert_eq!(*log.lock().unwrap(), wanted);
}

#[tokio::test]
async fn changed_messages_last_for_the_run_and_other_changes_for_the_turn() {
    async fn change(mut turn: Turn) -> Result<Turn> {
        if turn.step() == 1 {
            turn.messages = Messages::from([Message::user("Something else?")]);
            turn.instructions = Some("Be rude.".to_owned());
            turn.tools = turn.tools[..1].into();
        }
        Ok(turn)
    }
    let model = Scripted::new([calls([("add", r#"{"a": 1, "b": 2}"#)]), Message::assistant("Three.")]);
    let said = model.agent().instructions("Be brief.").before_model(change).invoke("?").await.unwrap();
    assert_eq!(contents(&model.asked(0).messages), ["Be rude.", "Something else?"]);
    assert_eq!(contents(&model.asked(1).messages), ["Be brief.", "Something else?", "", "3"]);
    assert_eq!((model.asked(0).tools.len(), model.asked(1).tools.len()), (1, 3));
    // The agent gives back what it was given.
    assert_eq!(contents(&said.messages), ["?", "", "3", "Three."]);
    assert_eq!(contents(said.model_messages()), ["Something else?", "", "3", "Three."]);
    assert_eq!(said.new_messages().len(), 3);
}

#[tokio::test]
async fn a_message_can_be_changed_before_its_calls_are_made() {
    async fn other(message: Message) -> Result<Message> {
        let changed = message.tool_calls().iter().map(|call| ToolCall::new(&*call.id, "add", r#"{"a": 2, "b": 2}"#));
        Ok(changed.fold(Message::assistant(message.text()), Message::with_tool_call))
    }
    let model = Scripted::new([calls([("weather", "{}")]), Message::assistant("Four.")]);
    let said = model.agent().after_model(other).invoke("?").await.unwrap();
    assert_eq!(contents(&said.messages), ["?", "", "4", "Four."]);
}

#[tokio::test]
async fn a_hook_answers_in_place_of_a_tool() {
    async fn closed(call: ToolCall, next: NextTool) -> Result<ToolResult> {
        if call.name == "weather" { Ok(ToolResult::of_text(call, "closed")) } else { next.call(call).await }
    }
    let asked = calls([("weather", "{}"), ("add", r#"{"a": 1, "b": 2}"#)]);
    let model = Scripted::new([asked, Message::assistant("Well.")]);
    let said = model.agent().around_tool(closed).invoke("?").await.unwrap();
    assert_eq!(contents(&said.messages), ["?", "", "closed", "3", "Well."]);
}

#[tokio::test]
async fn an_answer_can_be_refused_within_the_limits() {
    async fn polite(ending: catena_llm::hooks::Ending) -> Result<catena_llm::hooks::Ending> {
        if ending.answer().text().contains("please") { Ok(ending) } else { Ok(ending.ask_again("Say please.")) }
    }
    let model = Scripted::new([Message::assistant("Sit."), Message::assistant("Sit, please.")]);
    let said = model.agent().at_end(polite).invoke("?").await.unwrap();
    assert_eq!(contents(&said.messages), ["?", "Sit.", "Say please.", "Sit, please."]);
    let model = Scripted::new(std::iter::repeat_with(|| Message::assistant("Sit.")).take(9));
    let error = model.agent().at_end(polite).max_steps(3).invoke("?").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 3 });
}

#[tokio::test]
async fn a_hook_that_panics_is_an_error_of_the_run_with_its_name() {
    struct Panics(&'static str);
    impl Hook for Panics {
        fn name(&self) -> &'static str {
            "clumsy"
        }
        fn before_model<'a>(&'a self, turn: Turn, _: &'a Context) -> impl Future<Output = Result<Turn>> + Send + 'a {
            assert!(self.0 != "before", "oh no");
            std::future::ready(Ok(turn))
        }
        async fn around_model(&self, turn: Turn, next: NextModel<'_>) -> Result<Message> {
            assert!(self.0 != "around", "oh no");
            next.call(turn).await
        }
        async fn after_model(&self, message: Message, _: &Context) -> Result<Message> {
            assert!(self.0 != "after", "oh no");
            Ok(message)
        }
        async fn around_tool(&self, call: ToolCall, next: NextTool) -> Result<ToolResult> {
            assert!(self.0 != "tool", "oh no");
            next.call(call).await
        }
        async fn at_end(&self, ending: catena_llm::hooks::Ending, _: &Context) -> Result<catena_llm::hooks::Ending> {
            assert!(self.0 != "end", "oh no");
            Ok(ending)
        }
    }
    for (at, wanted, messages) in [
        ("before", "the hook `clumsy`, before a call of the model, panicked: oh no", 1),
        ("around", "the hook `clumsy`, around a call of the model, panicked: oh no", 1),
        ("after", "the hook `clumsy`, after a call of the model, panicked: oh no", 1),
        ("tool", "the hook `clumsy`, around a call of `add`, panicked: oh no", 3),
        ("end", "the hook `clumsy`, at the end, panicked: oh no", 4),
    ] {
        let model = Scripted::new([calls([("add", r#"{"a": 1, "b": 2}"#)]), Message::assistant("Three.")]);
        let error = model.agent().hook(Panics(at)).invoke("?").await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (&ErrorKind::Panic, wanted));
        let stopped = error.downcast_ref::<AgentError>().unwrap();
        assert_eq!((stopped.reason, stopped.messages.len()), (StopReason::Failed, messages), "{at}");
    }
}

#[tokio::test]
async fn an_error_of_a_hook_has_its_name() {
    async fn fails(_: Turn) -> Result<Turn> {
        Err(Error::msg("no idea"))
    }
    let error = Scripted::new([]).agent().before_model(fails).invoke("?").await.unwrap_err();
    assert_eq!(error.to_string(), "agent: no idea (while running the hook `before_model`)");
    // Its tools are checked with those of the agent.
    let twice = Scripted::new([]).agent().hook(WithTool).invoke("?").await.unwrap_err();
    assert_eq!(twice.message(), "there are two tools `add`");
}

/// Has a tool that the agent has, too.
struct WithTool;

impl Hook for WithTool {
    fn name(&self) -> &'static str {
        "with_tool"
    }

    fn tools(&self) -> Result<catena_llm::Tools> {
        tools![add]
    }
}

#[tokio::test]
async fn a_limit_counts_the_calls_of_one_run() {
    let three =
        || calls([("add", r#"{"a": 1, "b": 1}"#), ("add", r#"{"a": 1, "b": 1}"#), ("weather", r#"{"city": "Oslo"}"#)]);
    let script = || [three(), three(), Message::assistant("Enough.")];
    let model = Scripted::new([script(), script()].concat());
    let agent = model.agent().hook(LimitTool::new("add", 3));
    for _ in 0..2 {
        let said = agent.invoke("?").await.unwrap();
        let refused = "Not called: `add` may be called 3 times. Answer without it.";
        let wanted = ["?", "", "2", "2", "sunny in Oslo", "", "2", refused, "sunny in Oslo", "Enough."];
        assert_eq!(contents(&said.messages), wanted);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tool_is_retried_where_that_can_help() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct How {
        fails: u32,
    }
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let flaky = tool_fn("flaky", "Fails at first.", move |how: How| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { if number < how.fails { Err(Error::msg(format!("busy {number}"))) } else { Ok("done") } }
    });
    let run = async |arguments: &str| {
        made.store(0, Ordering::Relaxed);
        let model = Scripted::new([calls([("flaky", arguments)]), Message::assistant("Well.")]);
        let agent = Agent::new(Chat::new(model)).tools(tools![flaky.clone()].unwrap());
        let start = tokio::time::Instant::now();
        let said = agent.hook(RetryTool::new("flaky", 3).delay(Duration::from_secs(1))).invoke("?").await.unwrap();
        (contents(&said.messages)[2].to_owned(), made.load(Ordering::Relaxed), start.elapsed().as_secs())
    };
    assert_eq!(run(r#"{"fails": 2}"#).await, ("done".to_owned(), 3, 3));
    assert_eq!(run(r#"{"fails": 9}"#).await, ("Error: busy 2".to_owned(), 3, 3));
    let (said, made, _) = run(r#"{"fails": "twice"}"#).await;
    assert!(said.starts_with("Error: the arguments of `flaky` are not right") && made == 0, "{said}");
}

#[tokio::test(start_paused = true)]
async fn results_are_kept_for_a_time_and_errors_are_not() {
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let look = tool_fn("look", "Looks.", move |_: serde_json::Map<String, serde_json::Value>| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { if number == 0 { Err(Error::msg("foggy")) } else { Ok(number) } }
    });
    let model =
        Scripted::new((0..4).flat_map(|_| [calls([("look", r#"{"b": 1, "a": [2]}"#)]), Message::assistant("So.")]));
    let cache = CacheTools::new(10).keep_for(Duration::from_mins(1));
    let agent = Agent::new(Chat::new(model)).tools(tools![look.idempotent()].unwrap()).hook(cache);
    let mut said = Vec::new();
    for wait in [0, 0, 30, 60] {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        said.push(contents(&agent.invoke("?").await.unwrap().messages)[2].to_owned());
    }
    assert_eq!(said, ["Error: foggy", "1", "1", "2"]);
}

#[tokio::test]
async fn tools_are_chosen_out_of_hundreds() {
    let many = (0..300).map(|number| {
        let name = format!("tool_{number}");
        catena_llm::tool_with_schema(
            name,
            "Does one of many things.",
            serde_json::json!({ "type": "object" }),
            |_| async { Ok(()) },
        )
    });
    let all = many.fold(tools![weather, add].unwrap(), |all, tool| all.with(tool).unwrap());
    let model = Scripted::new([calls([("add", r#"{"a": 1, "b": 1}"#)]), Message::assistant("Sunny.")]);
    let agent = Agent::new(Chat::new(model.clone())).tools(all).hook(ChooseTools::new(1).always(["tool_7"]));
    agent.invoke("How is the weather in the city of Oslo?").await.unwrap();
    let offered = |at: usize| model.asked(at).tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>();
    assert_eq!(offered(0), ["weather", "tool_7"]);
    // A tool that was called stays.
    assert_eq!(offered(1), ["weather", "add", "tool_7"]);
}

/// Knows what the weather is called in German, and remembers what it was asked.
#[derive(Clone, Default)]
struct Bilingual {
    asked: Log,
    is_down: bool,
}

impl Embedder for Bilingual {
    fn name(&self) -> &'static str {
        "bilingual"
    }

    async fn embed(&self, texts: &[String], _: &Context) -> Result<Vec<Embedding>> {
        if self.is_down {
            return Err(Error::new(ErrorKind::Unavailable { retry_after: None }, "the embedder is down"));
        }
        self.asked.lock().unwrap().extend_from_slice(texts);
        let is_weather = |text: &String| text.contains("weather") || text.contains("Wetter");
        Ok(texts.iter().map(|text| if is_weather(text) { vec![3.0, 0.0] } else { vec![0.0, 1.0] }).collect())
    }
}

#[tokio::test]
async fn tools_are_chosen_by_their_meaning_and_by_words_if_the_embedder_is_down() {
    let asked = |embedder: Bilingual, question: &'static str| async move {
        let model = Scripted::new([calls([("weather", r#"{"city": "Oslo"}"#)]), Message::assistant("Ja.")]);
        let choose = ChooseTools::new(1).by_meaning(embedder);
        let agent = Agent::new(Chat::new(model.clone())).tools(tools![add, weather].unwrap()).hook(choose);
        agent.invoke(question).await.unwrap();
        agent.invoke(question).await.unwrap_err(); // the script has ended, the hook ran
        model.asked(0).tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>()
    };
    let embedder = Bilingual::default();
    assert_eq!(asked(embedder.clone(), "Wie wird das Wetter?").await, ["weather"]);
    let texts = embedder.asked.lock().unwrap().clone();
    assert_eq!(texts.len(), 3, "each tool and the question once: {texts:?}");
    assert!(texts.iter().any(|text| text.contains("city")), "parameters count: {texts:?}");
    let down = Bilingual { is_down: true, ..Bilingual::default() };
    assert_eq!(asked(down, "What is the weather in a city?").await, ["weather"]);
}

#[tokio::test]
async fn personal_data_stays_here() {
    let look_up = tool_fn("look_up", "Looks up.", |_: serde_json::Map<String, serde_json::Value>| async {
        Ok("Anna, anna@example.com, +41 44 668 18 00")
    });
    let model = Scripted::new([calls([("look_up", "{}")]), Message::assistant("Done.")]);
    let hook = RedactPersonal::new().with(|text| text.replace("Anna", "[name]"));
    let agent = Agent::new(Chat::new(model.clone())).tools(tools![look_up].unwrap()).hook(hook);
    let said = agent.invoke("My card is 4111 1111 1111 1111.").await.unwrap();
    let seen = model.asked(1).messages;
    assert_eq!(contents(&seen), ["My card is [card].", "", "[name], [email], [phone]"]);
    assert!(said.messages[2].parts()[0].content().contains("anna@example.com"));
}

#[tokio::test]
async fn what_is_moderated_is_an_error_with_the_reason() {
    let judge =
        || testing::Scripted::answers([Reply::text("ok.").usage(Usage::new(5, 1)), "NO: it insults".into()]).chat();
    let model = Scripted::new([Message::assistant("Fool!")]);
    let error = model.agent().hook(Moderate::by_model(judge(), "No insults.")).invoke("?").await.unwrap_err();
    assert_eq!(error.message(), "the answer is refused: it insults");
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    let unclear = testing::Scripted::answers(["Perhaps."]).chat();
    let error = Scripted::new([]).agent().hook(Moderate::by_model(unclear, "")).invoke("?").await.unwrap_err();
    assert_eq!(error.message(), "the model that moderates answered neither OK nor NO");
    // What a hook's model costs counts towards the agent: 5 and 1 besides 100 and 10.
    let fine = testing::Scripted::answers([Reply::text("OK").usage(Usage::new(5, 1)), Reply::text("OK")]).chat();
    let model = Scripted::new([Message::assistant("Hello.")]);
    let said = model.agent().hook(Moderate::by_model(fine, "")).invoke("?").await.unwrap();
    assert_eq!(said.usage, Usage::new(105, 11));
}

#[tokio::test]
async fn another_model_takes_over_unless_something_was_shown() {
    let backup = || Scripted::new([calls([("final_answer", r#"{"city": "Oslo", "degrees": 3}"#)])]);
    let other = backup();
    let agent = Scripted::new([]).agent().hook(FallBack::to(Chat::new(other.clone()))).answering::<Forecast>();
    assert_eq!(agent.invoke("?").await.unwrap().answer.degrees, 3);
    // It is asked for the type, too, and with the agent's tools.
    assert_eq!(other.asked(0).tools.len(), 4);

    let cut = || {
        testing::Scripted::answers([Reply::chunks(["It ", "is"]).then_fail(Error::msg("the line went dead"))]).chat()
    };
    let agent = Agent::new(cut()).hook(FallBack::to(Chat::new(Scripted::new([Message::assistant("Sunny.")]))));
    let error = agent.stream("?").try_collect::<Vec<AgentEvent>>().await.unwrap_err();
    assert_eq!(error.message(), "the line went dead");
    let whole = Agent::new(cut()).hook(FallBack::to(Chat::new(Scripted::new([Message::assistant("Sunny.")]))));
    assert_eq!(whole.invoke("?").await.unwrap().answer.text(), "Sunny.");

    let both = Scripted::new([]).agent().hook(FallBack::to(Chat::new(Scripted::new([]))));
    assert_eq!(both.invoke("?").await.unwrap_err().others().len(), 1);
}

/// Stores what models and tools gave, as JSON, and gives it again.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<std::collections::BTreeMap<String, String>>>);

impl Journal {
    fn find(&self, key: &str) -> Option<Message> {
        self.0.lock().unwrap().get(key).map(|json| serde_json::from_str(json).unwrap())
    }

    fn store(&self, key: String, message: &Message) {
        self.0.lock().unwrap().insert(key, serde_json::to_string(message).unwrap());
    }
}

impl Hook for Journal {
    fn name(&self) -> &'static str {
        "journal"
    }

    async fn around_model(&self, turn: Turn, next: NextModel<'_>) -> Result<Message> {
        let key = format!("model/{}", turn.step());
        if let Some(message) = self.find(&key) {
            return Ok(message);
        }
        let message = next.call(turn).await?;
        self.store(key, &message);
        Ok(message)
    }

    async fn around_tool(&self, call: ToolCall, next: NextTool) -> Result<ToolResult> {
        let key = format!("tool/{}/{}", next.step(), call.id);
        if let Some(message) = self.find(&key) {
            return Ok(ToolResult::new(call, message));
        }
        let result = next.call(call).await?;
        self.store(key, &result.message);
        Ok(result)
    }
}

#[tokio::test]
async fn a_journal_goes_on_where_a_run_broke_off() {
    let again = || calls([("add", r#"{"a": 1, "b": 1}"#)]);
    let journal = Journal::default();
    let model = Scripted::new([again(), again()]);
    let error = model.agent().hook(journal.clone()).invoke("?").await.unwrap_err();
    assert_eq!(error.message(), "the script has ended");
    let model = Scripted::new([Message::assistant("Two, twice.")]);
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let inner = move |call, next: NextTool| {
        count.fetch_add(1, Ordering::Relaxed);
        next.call(call)
    };
    let said = model.agent().hook(journal).around_tool(inner).invoke("?").await.unwrap();
    assert_eq!(contents(&said.messages), ["?", "", "2", "", "2", "Two, twice."]);
    assert_eq!(made.load(Ordering::Relaxed), 0, "no call is made twice");
    assert_eq!(model.asked(0).messages.len(), 5);
}
