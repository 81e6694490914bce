//! What events say of models, parsers, tools and retrievers: one name wherever a step stands, and what that very call got and
//! gave.

use catena::{
    BoxRunnable, Config, Context, Drawing, Error, ErrorKind, Event, EventKind, Observer, Result, RunId, RunKind,
    Runnable, RunnableExt, Step, StepExt, chain, prelude::runnable,
};
use catena_llm::{
    Agent, Chat, Message, MessageChunk, Messages, ToolCall,
    budget::Budget,
    cache::MemoryCache,
    limit::ConcurrencyLimit,
    memory::{HistoryExt, InMemoryHistory, SESSION, Turn},
    parser,
    retrieval::{Deduplicate, Document, FormatDocuments, Query, Retrieve, Retriever},
    testing::{Reply, Scripted},
    tool, tools,
};
use futures_util::StreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<Event>>>);

impl Observer for Record {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// One run, as its events show it.
#[derive(Clone, Debug)]
struct Seen {
    name: String,
    kind: RunKind,
    /// At its start and at its end: the same if both events have it.
    input: Option<Value>,
    output: Option<Value>,
}

impl Record {
    fn config(&self) -> Config {
        Config::new().observe(self.clone())
    }

    /// The runs in the order in which they begin, and the record empty again.
    fn runs(&self) -> Vec<Seen> {
        let mut runs: Vec<(RunId, Seen)> = Vec::new();
        for event in std::mem::take(&mut *self.0.lock().unwrap()) {
            let id = event.run.id();
            let at = runs.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
                let (name, kind) = (event.run.name().to_owned(), event.run.kind());
                runs.push((id, Seen { name, kind, input: None, output: None }));
                runs.len() - 1
            });
            let run = &mut runs[at].1;
            if let Some(input) = event.input() {
                assert_eq!(run.input.get_or_insert_with(|| input.clone()), input, "{}", run.name);
            } else if matches!(event.kind, EventKind::End { .. }) {
                assert_eq!(run.input, None, "{}: an input that is known is told at the end, too", run.name);
            }
            run.output = event.output().cloned().or(run.output.take());
        }
        runs.into_iter().map(|(_, run)| run).collect()
    }
}

fn names(runs: &[Seen]) -> Vec<&str> {
    runs.iter().map(|run| run.name.as_str()).collect()
}

fn models(runs: &[Seen]) -> impl Iterator<Item = &Seen> {
    runs.iter().filter(|run| run.kind == RunKind::ChatModel)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Invoke,
    Stream,
    Batch,
}

const ALL: [How; 3] = [How::Invoke, How::Stream, How::Batch];

/// The runs of a step.
async fn observe<In: Send, R: Runnable<In>>(how: How, step: &R, input: In) -> Vec<Seen> {
    let record = Record::default();
    match how {
        How::Invoke => drop(step.invoke_with(input, record.config()).await.unwrap()),
        How::Stream => {
            let mut chunks = step.stream_with(input, record.config());
            while let Some(chunk) = chunks.next().await {
                chunk.unwrap();
            }
        }
        How::Batch => drop(step.batch([input]).config(record.config()).await.remove(0).unwrap()),
    }
    record.runs()
}

/// A model that answers with the last message, in capitals.
fn shouts(name: &str) -> Scripted {
    let shout = |text: &str| Reply::from(text.to_uppercase());
    Scripted::new().named(name).respond(move |request| Some(shout(request.messages.last()?.text())))
}

fn broken(name: &str) -> Scripted {
    Scripted::new()
        .named(name)
        .respond(|_| Some(Error::new(ErrorKind::Unavailable { retry_after: None }, "down").into()))
}

/// The form of a model's input.
fn asked<'a>(messages: impl IntoIterator<Item = &'a Message>) -> Value {
    json!({ "messages": [messages.into_iter().collect::<Vec<_>>()] })
}

/// The runs of models say what these models were asked, whatever the order in which they were.
fn said_what_they_got(runs: &[Seen], scripts: &[&Scripted]) {
    let text = |value: &Value| value.to_string();
    let mut got: Vec<String> = Vec::new();
    for script in scripts {
        got.extend(script.requests().iter().map(|request| text(&asked(request.messages.iter()))));
    }
    let mut told: Vec<String> = models(runs).map(|run| text(run.input.as_ref().unwrap())).collect();
    got.sort();
    told.sort();
    assert_eq!(told, got);
}

type Ask = BoxRunnable<String, Message, MessageChunk>;

#[tokio::test(start_paused = true)]
async fn a_model_has_one_name_and_one_form_of_input_wherever_it_stands() {
    type Case = (&'static str, fn(Chat<Scripted>) -> Ask, &'static [&'static str]);
    let second = Duration::from_secs(1);
    let cases: [Case; 18] = [
        ("alone", |gpt| gpt.boxed_stream(), &["gpt"]),
        ("retry", |gpt| gpt.retry(2).boxed_stream(), &["gpt", "gpt"]),
        ("timeout", |gpt| gpt.timeout(Duration::from_secs(1)).boxed_stream(), &["gpt"]),
        ("spawned", |gpt| gpt.spawned().boxed_stream(), &["gpt"]),
        ("cached", |gpt| gpt.cached(MemoryCache::new(9)).boxed_stream(), &["gpt"]),
        ("concurrency_limited", |gpt| gpt.concurrency_limited(ConcurrencyLimit::new(1)).boxed_stream(), &["gpt"]),
        ("budgeted", |gpt| gpt.budgeted(Budget::tokens(10_000)).boxed_stream(), &["gpt"]),
        ("shared", |gpt| Arc::new(gpt).boxed_stream(), &["gpt"]),
        ("first", |gpt| gpt.fallback(shouts("other").chat()).boxed_stream(), &["fallback", "gpt"]),
        ("second", |gpt| broken("other").chat().fallback(gpt).boxed_stream(), &["fallback", "other", "gpt"]),
        ("race", |gpt| gpt.race(shouts("gpt").chat()).boxed_stream(), &["race", "gpt"]),
        ("named", |gpt| gpt.named("writer").boxed_stream(), &["writer"]),
        ("named attempts", |gpt| gpt.named("writer").retry(2).boxed_stream(), &["writer", "writer"]),
        ("a named retry", |gpt| gpt.retry(2).named("writer").boxed_stream(), &["writer", "gpt"]),
        ("a run name", |gpt| gpt.with_config(Config::new().run_name("writer")).boxed_stream(), &["writer"]),
        ("a chain of one", |gpt| chain!(String => gpt).boxed_stream(), &["gpt"]),
        (
            "a chain",
            |gpt| chain!(String => |text| text | gpt.retry(2).timeout(Duration::from_secs(1))).boxed_stream(),
            &["sequence", "|text|", "gpt", "gpt"],
        ),
        (
            "many of them",
            |gpt| chain!(String => gpt.timeout(Duration::from_secs(1)).spawned().retry(2)).retry(2).boxed_stream(),
            &["gpt", "gpt", "gpt"],
        ),
    ];
    for how in ALL {
        for (case, build, expected) in cases {
            let gpt = shouts("gpt");
            let runs = tokio::time::timeout(second, observe(how, &build(gpt.chat()), "hi".to_owned())).await.unwrap();
            assert_eq!(names(&runs), expected, "{case}, {how:?}");
            for run in models(&runs) {
                assert_eq!(run.input, Some(asked([&Message::user("hi")])), "{case}, {how:?}");
            }
            let last = models(&runs).find(|run| run.output.is_some()).unwrap();
            assert_eq!(last.output.as_ref().unwrap()["content"], "HI", "{case}, {how:?}");
        }
    }
}

#[tokio::test]
async fn a_model_without_a_name_is_called_as_it_is_written_or_as_what_it_is() {
    let nameless = || shouts("").chat();
    for how in ALL {
        let named = |runs: Vec<Seen>| runs.into_iter().map(|run| run.name).collect::<Vec<_>>();
        assert_eq!(named(observe(how, &nameless(), "hi").await), ["model"]);
        assert_eq!(named(observe(how, &nameless().retry(2), "hi").await), ["model", "model"]);
        assert_eq!(named(observe(how, &nameless().retry(2).named("ask"), "hi").await), ["ask", "ask"]);
        assert_eq!(named(observe(how, &nameless().map(), vec!["hi"]).await), ["map<model>", "model"]);
        assert_eq!(named(observe(how, &nameless().map().named("all"), vec!["hi"]).await), ["all", "all"]);
        let pair = broken("").chat().fallback(nameless());
        assert_eq!(named(observe(how, &pair, "hi").await), ["fallback", "model", "model"]);
        let ask = nameless();
        let chain = chain!(&'static str => ask.retry(2) | |message| message);
        assert_eq!(named(observe(how, &chain, "hi").await), ["sequence", "ask", "ask", "|message|"]);
        let (ask, other) = (broken("").chat(), nameless());
        let chain = chain!(&'static str => ask.fallback(other) | |message| message);
        // The word is that of the first.
        assert_eq!(named(observe(how, &chain, "hi").await), ["sequence", "fallback", "ask", "model", "|message|"]);
        let fields = chain!(&'static str => <one: nameless(), two: nameless().retry(2)>);
        let runs = named(observe(how, &fields, "hi").await);
        assert_eq!(runs, ["parallel<one,two>", "nameless", "nameless", "nameless"]);
    }
    let error = broken("").chat().invoke("hi").await.unwrap_err();
    assert_eq!(error.path(), "model");
    let error = broken("gpt").chat().retry(1).timeout(Duration::from_secs(1)).invoke("hi").await.unwrap_err();
    assert_eq!(error.path(), "gpt");
    let gpt = broken("gpt").chat();
    let error = chain!(&'static str => <a: gpt>).invoke("hi").await.unwrap_err();
    assert_eq!(error.path(), "<a>.gpt");
}

#[tokio::test(start_paused = true)]
async fn both_of_a_race_have_their_names_and_say_what_they_got() {
    for how in ALL {
        let slow = |name, seconds| {
            let reply = Reply::from("done").delay(Duration::from_secs(seconds));
            Scripted::new().named(name).respond(move |_| Some(reply.clone()))
        };
        let (one, two) = (slow("one", 2), slow("", 1));
        let runs = observe(how, &one.chat().race(two.chat().retry(2)), "hi".to_owned()).await;
        assert_eq!(names(&runs), ["race", "one", "model", "model"], "{how:?}");
        said_what_they_got(&runs, &[&one, &two]);
    }
}

#[tokio::test]
async fn graphs_and_events_say_the_same_name() {
    let gpt = shouts("gpt-4o").chat();
    let chain = chain!(String => gpt.retry(2) | parser::text());
    let graph = chain.graph().text();
    assert!(graph.contains(" gpt-4o [retry ×2] ") && !graph.contains("(gpt-4o)"), "{graph}");
    let drawing = Drawing::new("run");
    chain.invoke_with("hi".to_owned(), Config::new().observe(drawing.clone())).await.unwrap();
    let drawn = drawing.text(120);
    assert!(drawn.contains(" gpt-4o ") && !drawn.contains("gpt ") && !drawn.contains("ran as"), "{drawn}");
    let onto = Drawing::new("run").onto(chain.graph().diagram().clone());
    chain.invoke_with("hi".to_owned(), Config::new().observe(onto.clone())).await.unwrap();
    assert!(onto.text(120).contains(" gpt-4o ") && !onto.text(120).contains("ran as"), "{}", onto.text(120));
    let structured = shouts("gpt-4o").chat().structured::<City>().fix_with(shouts("fixer").chat());
    let graph = Runnable::<String>::component(&structured);
    let all = format!("{graph:?}");
    for name in ["structured", "gpt-4o", "fix_with", "fixer"] {
        assert!(all.contains(&format!("name: \"{name}\"")), "{name}: {all}");
    }
}

#[tokio::test]
async fn items_of_a_map_and_branches_say_what_each_got() {
    for how in ALL {
        let gpt = shouts("gpt");
        let runs = observe(how, &gpt.chat().map(), vec!["a".to_owned(), "b".to_owned()]).await;
        assert_eq!(names(&runs), ["map<gpt>", "gpt", "gpt"]);
        said_what_they_got(&runs, &[&gpt]);
        let (one, two) = (shouts("one"), shouts("two"));
        let (first, second) = (one.chat(), two.chat());
        let chain = chain!(String => <one: first | |said| said.text().repeat(2) | second.retry(2), two: |text| text>);
        let runs = observe(how, &chain, "hi".to_owned()).await;
        said_what_they_got(&runs, &[&one, &two]);
        assert_eq!(models(&runs).map(|run| run.name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    }
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
struct City {
    name: String,
}

#[tokio::test]
async fn structured_answers_are_of_a_model_and_a_parser_that_say_what_they_got() {
    let fine = r#"{"name": "Rome"}"#;
    for how in ALL {
        let gpt = Scripted::answers([fine]).named("gpt");
        let runs = observe(how, &gpt.chat().structured::<City>(), "Where?".to_owned()).await;
        assert_eq!(names(&runs), ["structured", "gpt", "typed"], "{how:?}");
        assert_eq!(runs[1].input, Some(asked([&Message::user("Where?")])), "{how:?}");
        let message = runs[1].output.clone().unwrap();
        assert_eq!(message["content"], fine, "{how:?}");
        assert_eq!(runs[2].input, Some(message), "{how:?}: the parser got the model's message");

        // In a chain, the same.
        let gpt = Scripted::answers([fine]).named("gpt");
        let structured = gpt.chat().structured::<City>();
        let chain = chain!(String => |text| text + "?" | structured.retry(2));
        let runs = observe(how, &chain, "Where".to_owned()).await;
        assert_eq!(names(&runs), ["sequence", "|text|", "structured", "structured", "gpt", "typed"], "{how:?}");
        assert_eq!(runs[4].input, Some(asked([&Message::user("Where?")])), "{how:?}");
        assert_eq!(runs[5].input, runs[4].output, "{how:?}");
    }
}

#[tokio::test]
async fn what_is_fixed_says_what_each_was_shown() {
    let fine = r#"{"name": "Rome"}"#;
    for how in ALL {
        let (gpt, fixer) = (Scripted::answers(["Rome"]).named("gpt"), Scripted::answers(["?", fine]).named("fixer"));
        let city = gpt.chat().structured::<City>().fix_with(fixer.chat()).attempts(2);
        let runs = observe(how, &city, "Where?".to_owned()).await;
        assert_eq!(
            names(&runs),
            ["structured", "gpt", "fix_with", "typed", "fixer", "typed", "fixer", "typed"],
            "{how:?}"
        );
        let message = runs[1].output.clone();
        assert_eq!((&runs[2].input, &runs[3].input), (&message, &message), "{how:?}");
        said_what_they_got(&runs[4..], &[&fixer]);
        assert_eq!((&runs[5].input, &runs[7].input), (&Some(json!("?")), &Some(json!(fine))), "{how:?}");

        let fixer = Scripted::answers([fine]).named("fixer");
        let alone = parser::json().fix_with(fixer.chat().retry(2));
        let runs = observe(how, &alone, "Rome".to_owned()).await;
        assert_eq!(names(&runs), ["fix_with", "json", "fixer", "fixer", "json"], "{how:?}");
        assert_eq!((&runs[0].input, &runs[1].input), (&Some(json!("Rome")), &Some(json!("Rome"))), "{how:?}");
        said_what_they_got(&runs, &[&fixer]);
    }
}

#[tokio::test]
async fn parsers_say_what_they_got() {
    for how in ALL {
        let gpt = shouts("gpt").chat();
        let runs = observe(how, &chain!(String => gpt | parser::text()), "hi".to_owned()).await;
        assert_eq!(names(&runs), ["sequence", "gpt", "text"]);
        assert_eq!(runs[0].input, Some(json!("hi")));
        assert_eq!(runs[2].input, runs[1].output, "{how:?}");
        assert_eq!(runs[2].output, Some(json!("HI")));
        let alone = observe(how, &parser::text(), "hi".to_owned()).await;
        assert_eq!((alone[0].input.clone(), alone[0].output.clone()), (Some(json!("hi")), Some(json!("hi"))));
        let message = Message::assistant("hi");
        let alone = observe(how, &parser::text(), message.clone()).await;
        assert_eq!(alone[0].input, Some(json!(message)), "{how:?}");
    }
}

/// The weather in a city.
#[tool]
fn weather(city: &str) -> String {
    format!("sunny in {city}")
}

/// Adds.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn busy() -> Scripted {
    Scripted::answers([
        Reply::tool_call("weather", json!({ "city": "Oslo" })).and_tool_call("add", json!({ "a": 1, "b": 2 })),
        Reply::tool_call("add", json!({ "a": 3, "b": 4 })),
        Reply::from("Sunny, and 7."),
    ])
    .named("gpt")
}

#[tokio::test]
async fn each_call_of_an_agent_says_what_it_got() {
    let tools = tools![weather, add].unwrap();
    for how in ALL {
        for retried in [false, true] {
            let gpt = busy();
            let agent = Agent::new(gpt.chat()).tools(tools.clone()).instructions("Be brief.");
            let runs = if retried {
                let agent = Agent::new(gpt.chat().retry(2)).tools(tools.clone()).instructions("Be brief.");
                let chain = chain!(String => |text| text | agent.retry(2));
                observe(how, &chain, "How is Oslo?".to_owned()).await
            } else {
                observe(how, &agent, "How is Oslo?".to_owned()).await
            };
            assert_eq!(models(&runs).count(), 3);
            assert!(models(&runs).all(|run| run.name == "gpt"), "{runs:?}");
            // In order: the conversation grows.
            let got: Vec<Value> = gpt.requests().iter().map(|request| asked(request.messages.iter())).collect();
            let told: Vec<Value> = models(&runs).map(|run| run.input.clone().unwrap()).collect();
            assert_eq!(told, got, "{how:?}");
            assert!(
                told[2]["messages"][0].as_array().unwrap().len() > told[1]["messages"][0].as_array().unwrap().len()
            );
            let tools: Vec<_> =
                runs.iter().filter(|run| run.kind == RunKind::Tool).map(|run| (&*run.name, &run.input)).collect();
            assert_eq!(
                tools,
                [
                    ("weather", &Some(json!({ "city": "Oslo" }))),
                    ("add", &Some(json!({ "a": 1, "b": 2 }))),
                    ("add", &Some(json!({ "a": 3, "b": 4 }))),
                ],
                "{how:?}"
            );
            // What runs around the tools got the calls, not the question.
            let around: Vec<_> = runs.iter().filter(|run| run.name == "tools").collect();
            assert_eq!(around[0].input.as_ref().unwrap()[0]["name"], "weather", "{how:?}");
            assert_eq!(around[1].input.as_ref().unwrap()[0]["name"], "add", "{how:?}");
        }
    }
}

#[tokio::test]
async fn a_model_of_an_agent_is_called_as_elsewhere() {
    for how in ALL {
        let agent = Agent::new(broken("gpt").chat().fallback(shouts("other").chat()));
        assert_eq!(names(&observe(how, &agent, "hi").await), ["agent", "fallback", "gpt", "other"]);
        let agent = Agent::new(shouts("").chat().retry(2));
        assert_eq!(names(&observe(how, &agent, "hi").await), ["agent", "model", "model"]);
    }
    let error = Agent::new(broken("gpt").chat()).invoke("hi").await.unwrap_err();
    assert_eq!(error.path(), "agent.gpt");
    let error = Agent::new(broken("").chat()).invoke("hi").await.unwrap_err();
    assert_eq!(error.path(), "agent.model");
}

#[tokio::test]
async fn a_step_of_a_users_that_asks_models_passes_on_nothing_of_its_own() {
    static ASKS: std::sync::OnceLock<Scripted> = std::sync::OnceLock::new();
    #[runnable]
    async fn twice(question: String, cx: &Context) -> Result<String> {
        let gpt = ASKS.get_or_init(|| shouts("gpt")).chat();
        let first = gpt.call(format!("{question}?"), cx).await?;
        let second = gpt.retry(2).call(first.text().repeat(2), cx).await?;
        Ok(second.text().to_owned())
    }
    for how in ALL {
        let runs = observe(how, &chain!(String => |text| text | twice), "why".to_owned()).await;
        assert_eq!(names(&runs), ["sequence", "|text|", "twice", "gpt", "gpt", "gpt"], "{how:?}");
        assert_eq!(runs[2].input, Some(json!("why")));
        assert_eq!(runs[3].input, Some(asked([&Message::user("why?")])), "{how:?}");
        assert_eq!(runs[5].input, Some(asked([&Message::user("WHY?WHY?")])), "{how:?}");
    }
}

struct Words(&'static str);

impl Retriever for Words {
    fn name(&self) -> &str {
        self.0
    }

    async fn retrieve(&self, query: Query<'_>, _cx: &Context) -> Result<Vec<Document>> {
        Ok(vec![Document::new(format!("{}: found", query.text))])
    }
}

#[tokio::test]
async fn a_retriever_has_one_name_and_says_its_query() {
    for how in ALL {
        let runs = observe(how, &Retrieve::new(Words("words")), "cat".to_owned()).await;
        assert_eq!(names(&runs), ["words"]);
        assert_eq!(runs[0].input, Some(json!("cat")));
        assert!(runs[0].output.as_ref().unwrap()[0].to_string().contains("cat: found"));
        let chain = chain!(String => |text| text + "s" | Retrieve::new(Words("words")).retry(2) | |found| found.len());
        let runs = observe(how, &chain, "cat".to_owned()).await;
        assert_eq!(names(&runs), ["sequence", "|text|", "words", "words", "|found|"], "{how:?}");
        assert_eq!(runs[3].input, Some(json!("cats")));
        let runs = observe(how, &Retrieve::new(Words("")).map(), vec!["cat".to_owned()]).await;
        assert_eq!(names(&runs), ["map<retriever>", "retriever"]);
    }
    assert_eq!(Retrieve::new(Words("words")).name(), Some("words"));
}

#[runnable]
fn recall(history: Messages, input: String) -> String {
    format!("{input}, after {}", history.len())
}

#[tokio::test]
async fn a_step_that_remembers_says_the_turn_it_got() {
    for how in [How::Invoke, How::Stream] {
        let gpt = shouts("gpt");
        let chat = gpt.chat().with_history(InMemoryHistory::new(), &SESSION);
        let chain = chain!(String => |text| text | chat.retry(2));
        for question in ["one", "two"] {
            let record = Record::default();
            let config = record.config().set(&SESSION, Some("anna".to_owned()));
            match how {
                How::Stream => drop(chain.stream_with(question.to_owned(), config).collect::<Vec<_>>().await),
                _ => drop(chain.invoke_with(question.to_owned(), config).await.unwrap()),
            }
            let runs = record.runs();
            assert_eq!(names(&runs), ["sequence", "|text|", "gpt", "gpt"], "{how:?}");
            let last = gpt.requests().pop().unwrap();
            assert_eq!(runs[3].input, Some(asked(last.messages.iter())), "{how:?}");
            assert_eq!(runs[2].input, Some(json!(question)), "{how:?}: the retry is around the memory");
        }
        assert_eq!(gpt.requests()[1].messages.len(), 3);

        // A chain gets the turn, and not what the memory got.
        let chat = chain!(Turn<String> => recall | |text| text).with_history(InMemoryHistory::new(), &SESSION);
        let chain = chain!(String => |text| text | chat);
        let record = Record::default();
        let config = record.config().set(&SESSION, Some("anna".to_owned()));
        match how {
            How::Stream => drop(chain.stream_with("one".to_owned(), config).collect::<Vec<_>>().await),
            _ => drop(chain.invoke_with("one".to_owned(), config).await.unwrap()),
        }
        let runs = record.runs();
        assert_eq!(names(&runs), ["sequence", "|text|", "sequence", "recall", "|text|"], "{how:?}");
        for run in &runs[2..4] {
            assert_ne!(run.input, Some(json!("one")), "{how:?}: {run:?}");
        }
    }
}

#[tokio::test]
async fn steps_over_documents_and_calls_say_what_they_got_alone() {
    let documents = || vec![Document::new("one"), Document::new("one")];
    for how in ALL {
        let runs = observe(how, &Deduplicate::by_content(), documents()).await;
        assert_eq!((names(&runs), &runs[0].input), (vec!["deduplicate"], &Some(json!(documents()))));
        assert_eq!(runs[0].output, Some(json!(&documents()[..1])));
        let runs = observe(how, &FormatDocuments, documents()).await;
        assert_eq!((names(&runs), &runs[0].input), (vec!["format_documents"], &Some(json!(documents()))));
        assert!(runs[0].output.is_some());
        let message = Message::assistant("").with_tool_call(ToolCall::new("1", "add", r#"{"a": 1, "b": 2}"#));
        let runs = observe(how, &tools![add].unwrap(), message.clone()).await;
        assert_eq!(names(&runs), ["tools", "add"]);
        assert_eq!((&runs[0].input, &runs[1].input), (&Some(json!(message)), &Some(json!({ "a": 1, "b": 2 }))));
        let chain = chain!(Message => |message| message | tools![add].unwrap());
        let runs = observe(how, &chain, message.clone()).await;
        assert_eq!((&runs[2].input, &runs[3].input), (&Some(json!(message)), &Some(json!({ "a": 1, "b": 2 }))));
    }
}
