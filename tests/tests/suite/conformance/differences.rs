//! Differences from LangChain that no recording shows. What LangChain does was tried with langchain-core 1.7.2.

use catena::{Chunks, Config, ConfigKey, ErrorKind, Event, EventKind, Observer, RunId, generator, lazy, prelude::*};
use catena_llm::parser;
use catena_tests::ms;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use std::sync::{Arc, Mutex};

type Log = Arc<Mutex<Vec<String>>>;

#[derive(Clone)]
struct Noted(Log);

#[runnable]
async fn first(n: u64, cx: &Context) -> u64 {
    // Later inputs are quicker, so that no order is kept by accident.
    tokio::time::sleep(ms(10 * (3 - n))).await;
    note(cx, format!("first {n}"));
    n
}

#[runnable]
fn second(n: u64, cx: &Context) -> u64 {
    note(cx, format!("second {n}"));
    n
}

fn note(cx: &Context, what: String) {
    if let Some(Noted(log)) = cx.get() {
        log.lock().unwrap().push(what);
    }
}

/// "a batch of a sequence"
#[tokio::test(start_paused = true)]
async fn each_input_of_a_batch_goes_through_on_its_own() {
    let log = Log::default();
    let config = Config::new().with(Noted(log.clone()));
    assert_eq!(chain!(u64 => first | second).batch([1, 2]).config(config).await.len(), 2);
    assert_eq!(*log.lock().unwrap(), ["first 2", "second 2", "first 1", "second 1"]);
}

#[runnable]
fn settings(_: u64, cx: &Context) -> String {
    let metadata = ["k", "j", "model", "checkpoint_ns"].map(|key| cx.metadata(key).cloned());
    json!({"tags": cx.tags(), "metadata": metadata}).to_string()
}

/// "`with_config` twice"
#[tokio::test]
async fn a_second_configuration_adds_to_the_first() {
    let once = settings.with_config(Config::new().tag("a").metadata("k", 1).metadata("j", 1));
    let twice = once.with_config(Config::new().tag("b").metadata("k", 2));
    let said: serde_json::Value = serde_json::from_str(&twice.invoke(1).await.unwrap()).unwrap();
    assert_eq!(said, json!({"tags": ["b", "a"], "metadata": [2, 1, null, null]}));
}

static MODEL: ConfigKey<String> = ConfigKey::with("model", || "small".to_owned());

/// "`model` and `checkpoint_ns` among configurable values"
#[tokio::test]
async fn configurable_values_are_no_metadata() {
    let said = settings.invoke_with(1, Config::new().set(&MODEL, "large".to_owned())).await.unwrap();
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["metadata"], json!([null, null, null, null]));
}

#[derive(Clone)]
struct Named(&'static str, Log);

impl Observer for Named {
    fn event(&self, event: &Event) {
        let what = if matches!(event.kind, EventKind::Start { .. }) { "start" } else { "end" };
        if event.name() == "second" && !matches!(event.kind, EventKind::Stream { .. }) {
            self.1.lock().unwrap().push(format!("{} {what}", self.0));
        }
    }
}

/// "order of observers"
#[tokio::test]
async fn the_observers_of_the_outermost_configuration_come_first() {
    let log = Log::default();
    let named = |name| Named(name, log.clone());
    let step = second.with_config(Config::new().observe(named("inner 1")).observe(named("inner 2")));
    step.invoke_with(1, Config::new().observe(named("outer 1")).observe(named("outer 2"))).await.unwrap();
    let order = ["outer 1", "outer 2", "inner 1", "inner 2"];
    let expected: Vec<String> =
        ["start", "end"].iter().flat_map(|what| order.map(|name| format!("{name} {what}"))).collect();
    assert_eq!(*log.lock().unwrap(), expected);
}

struct Ids(Arc<Mutex<Vec<RunId>>>);

impl Observer for Ids {
    fn event(&self, event: &Event) {
        if matches!(event.kind, EventKind::Start { .. }) && event.run.parent().is_none() {
            self.0.lock().unwrap().push(event.run.id());
        }
    }
}

/// "`run_id` of a batch"
#[tokio::test]
async fn an_id_given_to_a_batch_is_that_of_none_of_its_runs() {
    let ids = Arc::new(Mutex::new(Vec::new()));
    let given = RunId::from_u128(5);
    let config = || Config::new().observe(Ids(Arc::clone(&ids))).run_id(given);
    assert_eq!(second.batch([1, 2]).config(config()).await.len(), 2);
    {
        let ids = ids.lock().unwrap();
        assert!(ids.len() == 2 && ids[0] != ids[1] && !ids.contains(&given), "{ids:?}");
    }
    ids.lock().unwrap().clear();
    let each = |index: usize, _: &u64| Config::new().run_id(RunId::from_u128(index as u128));
    second.batch([1, 2]).config(Config::new().observe(Ids(Arc::clone(&ids)))).config_each(each).await;
    assert_eq!(*ids.lock().unwrap(), [RunId::from_u128(0), RunId::from_u128(1)]);
}

fn forever() -> catena::BoxRunnable<u64, u64> {
    chain!(u64 => second | lazy(forever)).boxed()
}

/// "a `recursion_limit` of 25 given on purpose"
#[tokio::test]
async fn the_limit_that_is_also_the_default_counts() {
    let part = forever().with_config(Config::new().recursion_limit(7));
    let error = part.invoke_with(1, Config::new().recursion_limit(25)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 25 });
    assert_eq!(part.invoke(1).await.unwrap_err().kind(), &ErrorKind::Recursion { limit: 7 });
}

/// "assign"
#[tokio::test]
async fn a_map_that_copies_fields_is_one_run() {
    let assign = chain!({ a: u64 } => <.., b: .a | second>);
    let events: Vec<Event> = assign.events(record! { a: 1_u64 }).try_collect().await.unwrap();
    let starts = events.iter().filter(|event| matches!(event.kind, EventKind::Start { .. }));
    let names: Vec<_> = starts.map(|event| event.name().to_owned()).collect();
    assert_eq!(names, ["parallel<a,b>", ".a", "sequence", ".a", "second"]);
}

/// "unreadable JSON in a stream"
#[tokio::test]
async fn json_that_breaks_off_into_something_else_is_an_error_in_a_stream_too() {
    let pieces = || {
        generator(|_: Chunks<'_, String>| {
            Chunks::new(stream::iter(["{\"a\": 1", ", oops", "}"].map(|piece| Ok(piece.to_owned()))))
        })
    };
    let chain = chain!(String => pieces() | parser::json());
    let chunks: Vec<_> = chain.stream(String::new()).collect().await;
    assert_eq!(chunks[0].as_ref().unwrap(), &json!({"a": 1}));
    assert!(chunks.last().unwrap().is_err(), "{chunks:?}");
    chain.invoke(String::new()).await.unwrap_err();
}
