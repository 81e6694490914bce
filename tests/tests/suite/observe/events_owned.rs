//! Events as the body of a response: streams that keep the chain and the input, in any task, until they are dropped.

use axum::{
    Router,
    extract::State,
    response::{Sse, sse},
    routing::post,
};
use catena::{Config, Event, Events, RunKind, RunLog, prelude::*, sequence_of};
use catena_llm::{parser, prompt, testing::Scripted};
use catena_tests::{Scripted as Said, ms, secs};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::{convert::Infallible, sync::Arc};
use tokio::net::TcpListener;

#[runnable]
fn length(text: &str) -> usize {
    text.chars().count()
}

#[runnable]
fn shout(text: String) -> String {
    text.to_uppercase()
}

#[runnable]
fn refuse(_text: &str) -> catena::Result<String> {
    Err(catena::Error::msg("boom"))
}

#[runnable]
fn letters(_text: String) -> impl Stream<Item = String> + Send {
    stream::iter(["or ", "not ", "to be"].map(str::to_owned))
}

fn owned<R: Runnable<String> + 'static>(chain: R) -> Events<'static> {
    Arc::new(chain).events_owned("to be".to_owned())
}

/// The last event of a run in a task of its own.
async fn last<R: Runnable<String> + 'static>(chain: R) -> Event {
    let events: Vec<Event> = tokio::spawn(owned(chain).try_collect()).await.unwrap().unwrap();
    events.into_iter().next_back().unwrap()
}

#[tokio::test]
async fn the_last_event_has_the_output_whatever_the_chain_is() {
    let lasts = [
        (last(length).await, json!(5)),
        (last(chain!(String => shout | length)).await, json!(5)),
        (last(chain!(String => |text| text.len())).await, json!(5)),
        (last(chain!(String => letters)).await, json!("or not to be")),
        (last(chain!(String => letters | length)).await, json!(12)),
        (last(chain!(String => shout | letters)).await, json!("or not to be")),
        (last(chain!(String => <said: letters, size: length>)).await, json!({"said": "or not to be", "size": 5})),
        (last(chain!(String => <said: letters, size: length> | .said)).await, json!("or not to be")),
        (last(chain!(String => match { text if text.is_empty() => shout, _ => letters })).await, json!("or not to be")),
        (last(letters.retry(2)).await, json!("or not to be")),
        (last(refuse.fallback(letters)).await, json!("or not to be")),
        (last(letters.timeout(secs(5))).await, json!("or not to be")),
        (last(letters.spawned()).await, json!("or not to be")),
        (last(letters.named("model")).await, json!("or not to be")),
        (last(letters.boxed_stream()).await, json!("or not to be")),
        (last(letters.boxed()).await, json!("or not to be")),
        (last(sequence_of(vec![shout.boxed(), letters.boxed_stream()])).await, json!("or not to be")),
        (last(sequence_of::<String>(vec![])).await, json!("to be")),
        (last(chain!(String => |text| vec![text.clone(), text] | (length.map()))).await, json!([5, 5])),
    ];
    for (at, (last, output)) in lasts.iter().enumerate() {
        assert_eq!((last.run.parents(), last.output()), (Vec::new(), Some(output)), "{at}: {last:?}");
    }
}

/// What an event says: `on_chat_model_stream scripted "or "`.
fn line(event: &Event) -> String {
    let chunk = event.chunk().map(|chunk| match chunk.get("content").unwrap_or(chunk) {
        Value::String(text) => format!(" {text:?}"),
        other => format!(" {other}"),
    });
    format!("{} {}{}", event.event(), event.name(), chunk.unwrap_or_default())
}

#[tokio::test]
async fn tokens_and_steps_are_in_one_stream_in_order() {
    let model = Scripted::answers(["Yes, we can."]).chat();
    let chain = chain!(String => prompt!("Answer: {}") | model | parser::text() | |answer| answer.len());
    let events: Vec<Event> = owned(chain).try_collect().await.unwrap();
    let lines: Vec<String> = events.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "on_chain_start sequence",
            "on_prompt_start prompt",
            "on_prompt_end prompt",
            "on_chat_model_start scripted",
            r#"on_chat_model_stream scripted "Yes,""#,
            "on_parser_start text",
            r#"on_parser_stream text "Yes,""#,
            r#"on_chat_model_stream scripted " we""#,
            r#"on_parser_stream text " we""#,
            r#"on_chat_model_stream scripted " can.""#,
            r#"on_parser_stream text " can.""#,
            r#"on_chat_model_stream scripted """#,
            "on_chat_model_end scripted",
            "on_parser_end text",
            "on_chain_start |answer|",
            "on_chain_stream |answer| 12",
            "on_chain_end |answer|",
            "on_chain_stream sequence 12",
            "on_chain_end sequence",
        ]
    );
    assert_eq!(events.last().unwrap().output(), Some(&json!(12)));
}

#[tokio::test]
async fn settings_and_filters_are_those_of_any_run() {
    let chain = Arc::new(chain!(String => shout | length));
    let config = Config::new().run_name("request").tag("web").metadata("user", "u1");
    let events: Vec<Event> =
        chain.events_owned_with("to be".to_owned(), config).exclude_names(["shout"]).try_collect().await.unwrap();
    assert_eq!(line(&events[0]), "on_chain_start request");
    assert!(events.iter().all(|event| event.run.has_tag("web") && event.name() != "shout"));
    let models = chain.events_owned("to be".to_owned()).include_kinds([RunKind::ChatModel]);
    assert_eq!(models.count().await, 0);
    let late = Config::new().deadline(ms(5)).run_name("late");
    let never = Arc::new(chain!(String => |text| { std::future::pending::<()>().await; text }));
    let ends: Vec<_> = never.events_owned_with(String::new(), late).collect().await;
    let error = ends.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.to_string(), "late: the run's deadline of 5ms has passed");
}

#[tokio::test]
async fn a_failed_run_ends_with_its_error() {
    let mut events = owned(chain!(String => shout | refuse).named("answer"));
    let mut last = None;
    let error = loop {
        match events.next().await.unwrap() {
            Ok(event) => last = Some(event),
            Err(error) => break error,
        }
    };
    let last = last.unwrap();
    assert_eq!((last.event(), last.name()), ("on_chain_error", "answer"));
    assert!(last.run.parent().is_none());
    assert_eq!(error.to_string(), "answer.refuse: boom");
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_cancels_the_run() {
    let said = Said::says(["a", "b", "c"]).every(secs(1));
    let (here, there) = (said.clone(), Said::says(["d"]).after(secs(60)));
    let logs = [here.log(), there.log()];
    let chain = Arc::new(chain!(String => <here: here, there: there.spawned()>));
    let mut events = chain.events_owned(String::new());
    assert_eq!(logs[0].calls(), 0, "nothing runs before it is read");
    while let Some(event) = events.next().await {
        if event.unwrap().event() == "on_chain_stream" {
            break;
        }
    }
    tokio::time::sleep(ms(1)).await;
    assert_eq!(logs.each_ref().map(|log| (log.calls(), log.running())), [(1, 1), (1, 1)]);
    drop(events);
    tokio::time::sleep(ms(1)).await;
    assert_eq!(logs.each_ref().map(|log| (log.running(), log.stopped())), [(0, 1), (0, 1)]);
    assert_eq!(Arc::strong_count(&chain), 1, "the stream keeps the chain no longer");
}

#[tokio::test]
async fn the_log_of_a_run_is_owned_too() {
    let chain = Arc::new(chain!(String => Said::says(["or ", "not"]) | shout));
    let config = Config::new().run_name("request");
    for (log, name) in
        [(chain.run_log_owned(String::new()), "sequence"), (chain.run_log_owned_with(String::new(), config), "request")]
    {
        let log: RunLog<'static> = log;
        let patches: Vec<_> = tokio::spawn(log.try_collect()).await.unwrap().unwrap();
        let mut state = Value::Null;
        for patch in &patches {
            json_patch::patch(&mut state, patch).unwrap();
        }
        assert_eq!((&state["name"], &state["final_output"]), (&json!(name), &json!("OR NOT")));
        assert_eq!(state["logs"]["shout"]["final_output"], "OR NOT");
    }
}

/// A handler that sends each event of a run as it comes.
async fn answer<R: Runnable<String> + 'static>(
    State(chain): State<Arc<R>>,
    question: String,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    Sse::new(chain.events_owned(question).map(|event| {
        let (name, data) = match event {
            Ok(event) => (event.event().to_owned(), json!({ "name": event.name(), "output": event.output() })),
            Err(error) => ("error".to_owned(), json!(error)),
        };
        Ok(sse::Event::default().event(name).data(data.to_string()))
    }))
}

async fn serve<R: Runnable<String> + 'static>(chain: R) -> reqwest::RequestBuilder {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/answer", post(answer::<R>)).with_state(Arc::new(chain));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.post(format!("http://{address}/answer")).body("to be")
}

#[tokio::test]
async fn a_handler_sends_the_events_of_a_run() {
    let body = serve(chain!(String => shout | length)).await.send().await.unwrap().text().await.unwrap();
    let names: Vec<_> = body.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!((names[0], *names.last().unwrap()), ("on_chain_start", "on_chain_end"));
    assert!(body.trim_end().ends_with(r#"data: {"name":"sequence","output":5}"#), "{body}");
    let body = serve(chain!(String => refuse)).await.send().await.unwrap().text().await.unwrap();
    assert!(body.contains("event: on_chain_error") && body.contains("event: error"), "{body}");
}

#[tokio::test]
async fn a_client_that_leaves_cancels_the_run() {
    let said = Said::says(["a"; 100]).every(ms(20));
    let log = said.log();
    let mut response = serve(chain!(String => said | shout)).await.send().await.unwrap();
    assert!(response.chunk().await.unwrap().is_some());
    drop(response);
    let stopped = async {
        while log.stopped() == 0 {
            tokio::time::sleep(ms(5)).await;
        }
    };
    assert!(tokio::time::timeout(secs(30), stopped).await.is_ok(), "the run goes on");
    assert_eq!((log.calls(), log.running()), (1, 0));
}
