//! What events say of values: what each call got and gave, whole, or nothing.

use catena::{Chunks, Config, Console, Event, EventKind, Failed, Router, generator, prelude::*};
use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};

#[runnable]
fn inc(n: i64) -> i64 {
    n + 1
}

/// The events of a run, without those of steps of other names.
async fn events_of<In: Send, R: Runnable<In>>(chain: &R, input: In, name: &str) -> Vec<(String, Option<Value>)> {
    let events: Vec<Event> = chain.events(input).include_names([name]).try_collect().await.unwrap();
    events.iter().map(shown).collect()
}

fn shown(event: &Event) -> (String, Option<Value>) {
    let value = match &event.kind {
        EventKind::Start { .. } => event.input(),
        EventKind::Stream { .. } => event.chunk(),
        EventKind::End { .. } => event.output(),
        _ => None,
    };
    let what = event.event().rsplit('_').next().unwrap_or_default();
    (what.to_owned(), value.cloned())
}

fn all(input: Value, output: &Value) -> Vec<(String, Option<Value>)> {
    let stream = Some(output.clone());
    vec![("start".into(), Some(input)), ("stream".into(), stream.clone()), ("end".into(), stream)]
}

#[runnable]
async fn calls_with_a_hundredfold(x: i64, cx: &Context) -> catena::Result<i64> {
    inc.call(x * 100, cx).await
}

#[runnable]
async fn streams_a_hundredfold(x: i64, cx: &Context) -> catena::Result<i64> {
    inc.call_stream(x * 100, cx).assemble(Runnable::<i64>::assembler(&inc)).await
}

#[tokio::test]
async fn a_step_that_is_called_from_inside_another_says_what_it_got_itself() {
    let nested = chain!(i64 => inc | calls_with_a_hundredfold);
    let start = |input: i64| ("start".to_owned(), Some(json!(input)));
    let events: Vec<_> = nested.events(4).include_names(["inc"]).try_collect().await.unwrap();
    let starts: Vec<_> = events.iter().filter(|e| matches!(e.kind, EventKind::Start { .. })).map(shown).collect();
    assert_eq!(starts, [start(4), start(500)]);
    assert_eq!(events_of(&calls_with_a_hundredfold, 5, "inc").await[0], start(500));
    assert_eq!(events_of(&calls_with_a_hundredfold.retry(2), 5, "inc").await[0], start(500));
    assert_eq!(events_of(&streams_a_hundredfold.boxed(), 5, "inc").await[0], start(500));
    let end = events_of(&calls_with_a_hundredfold.spawned(), 5, "inc").await;
    assert_eq!(end.last().unwrap(), &("end".to_owned(), Some(json!(501))));
}

#[tokio::test]
async fn the_step_that_a_router_chooses_gets_the_input_without_the_key() {
    let router = Router::new([("add", inc.boxed()), ("more", chain!(i64 => inc | inc).boxed())]);
    let asked = record! { key: "add", input: 3_i64 };
    assert_eq!(events_of(&router, asked, "inc").await[0], ("start".to_owned(), Some(json!(3))));
    let log = Arc::new(Mutex::new(Vec::new()));
    router
        .invoke_with(record! { key: "more", input: 3_i64 }, Config::new().observe(Starts(log.clone())))
        .await
        .unwrap();
    let whole = json!({"key": "more", "input": 3});
    assert_eq!(*log.lock().unwrap(), [Some(whole), Some(json!(3)), Some(json!(3)), Some(json!(4))]);
}

struct Starts(Arc<Mutex<Vec<Option<Value>>>>);

impl catena::Observer for Starts {
    fn event(&self, event: &Event) {
        if let EventKind::Start { input } = &event.kind {
            self.0.lock().unwrap().push(input.as_deref().cloned());
        }
    }
}

#[runnable]
fn refuse(_n: i64) -> catena::Result<i64> {
    Err(catena::Error::msg("refused"))
}

#[runnable]
fn excuse(failed: Failed<i64>) -> i64 {
    failed.input
}

#[tokio::test]
async fn a_fallback_that_is_given_the_error_does_not_claim_to_have_got_the_input_alone() {
    let chain = refuse.fallback_with_error(excuse);
    for events in [events_of(&chain, 7, "excuse").await, events_of(&chain!(i64 => inc | chain), 6, "excuse").await] {
        assert_ne!(events[0].1, Some(json!(7)), "{events:?}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Tier {
    Gold,
}

#[derive(Clone, Record, Serialize)]
struct Ask {
    question: String,
    tier: Tier,
}

#[derive(Clone, Debug, Record, Serialize)]
#[serde(rename_all = "UPPERCASE")]
struct Answer {
    text: String,
    tier: Tier,
}

/// The same without named chunks.
#[derive(Clone, Debug, Serialize)]
struct Plain {
    text: String,
    tier: Tier,
}

#[runnable]
fn tier_of(answer: Answer) -> String {
    format!("{} {:?}", answer.text, answer.tier)
}

fn ask() -> Ask {
    Ask { question: "q".into(), tier: Tier::Gold }
}

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_map_into_a_struct_gives_the_struct() {
    let map = "parallel<text,tier>";
    let (asked, answered) = (json!({"question": "q", "tier": "Gold"}), json!({"TEXT": "q", "TIER": "Gold"}));
    let chain = chain!(Ask => <text: .question, tier: .tier> as Answer);
    let streamed = events_of(&chain, ask(), map).await;
    assert_eq!(streamed[0], ("start".to_owned(), Some(asked.clone())));
    assert_eq!(streamed.last().unwrap(), &("end".to_owned(), Some(answered.clone())));
    assert_eq!(
        streamed[1..3],
        [("stream".to_owned(), Some(json!({"text": "q"}))), ("stream".to_owned(), Some(json!({"tier": "Gold"}))),]
    );

    let page = Page::default();
    let longer = chain!(Ask => <text: .question, tier: |ask| ask.tier> as Answer | tier_of);
    longer.invoke_with(ask(), Config::new().observe(Console::to(page.clone()))).await.unwrap();
    let page = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    assert!(!page.contains("null"), "{page}");
    assert!(page.contains(r#"> tier_of  {"TEXT":"q","TIER":"Gold"}"#), "{page}");
    assert!(
        page.lines().any(|line| line.contains("< parallel") && line.ends_with(r#"{"TEXT":"q","TIER":"Gold"}"#)),
        "{page}"
    );

    let plain = chain!(Ask => <text: .question, tier: .tier> as Plain);
    let events = events_of(&plain, ask(), map).await;
    assert_eq!(events, all(asked, &json!({"text": "q", "tier": "Gold"})));
}

/// What cannot be written.
#[derive(Clone, Debug, PartialEq)]
struct Opaque;

#[derive(Clone, Record)]
struct Half {
    seen: String,
    opaque: Opaque,
}

#[runnable]
fn both(seen: String, opaque: Opaque) -> String {
    format!("{seen} {opaque:?}")
}

#[tokio::test]
async fn a_value_of_which_a_part_cannot_be_written_is_left_out() {
    let half = || Half { seen: "s".into(), opaque: Opaque };
    assert_eq!(events_of(&both, half(), "both").await[0].1, None);
    let map = chain!(String => <seen: _, opaque: |_s| Opaque> | both);
    let events: Vec<Event> = map.events("s".into()).try_collect().await.unwrap();
    let named = |name: &str| events.iter().filter(|event| event.name() == name).map(shown).collect::<Vec<_>>();
    assert_eq!(named("both")[0].1, None);
    assert_eq!(named("parallel<seen,opaque>").last().unwrap().1, None);
    let chunks: Vec<_> = named("parallel<seen,opaque>").into_iter().filter(|(what, _)| what == "stream").collect();
    assert_eq!(chunks[0].1, Some(json!({"seen": "s"})));
    assert_eq!(chunks[1].1, None);
    let items = chain!(u8 => |n| if n > 0 { Some(Opaque) } else { None }).map();
    assert_eq!(events_of(&items, vec![0, 1], "map<|n|>").await.last().unwrap().1, None);

    let mut state = Value::Null;
    let mut log = map.run_log("s".into());
    while let Some(patch) = log.try_next().await.unwrap() {
        json_patch::patch(&mut state, &patch).unwrap();
    }
    assert_eq!(state["final_output"], json!("s Opaque"));
    assert!(state["logs"]["parallel<seen,opaque>"].get("final_output").is_none(), "{state}");
}

#[tokio::test]
async fn what_a_closure_or_a_pick_gives_is_written_as_its_type_says() {
    let chain = chain!(Ask => |ask| ask.tier | <tier: _, twice: |tier| (tier, tier)> | .twice | |t| t.0);
    let events: Vec<Event> = chain.events(ask()).try_collect().await.unwrap();
    let ends: Vec<_> = events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::End { .. }))
        .map(|event| (event.name().to_owned(), event.output().cloned()))
        .collect();
    let gold = || Some(json!("Gold"));
    assert_eq!(
        ends,
        [
            ("|ask|".to_owned(), gold()),
            ("|tier|".to_owned(), Some(json!(["Gold", "Gold"]))),
            ("_".to_owned(), gold()),
            ("parallel<tier,twice>".to_owned(), Some(json!({"tier": "Gold", "twice": ["Gold", "Gold"]}))),
            (".twice".to_owned(), Some(json!(["Gold", "Gold"]))),
            ("|t|".to_owned(), gold()),
            ("sequence".to_owned(), gold()),
        ]
    );
}

#[tokio::test]
async fn the_input_itself_is_a_step_with_chunks_in_a_stream() {
    let letters = || {
        generator(|text: Chunks<'_, String>| {
            Chunks::new(text.flat_map(|piece| {
                let letters: Vec<_> = piece.unwrap().chars().map(|letter| Ok(letter.to_string())).collect();
                futures_util::stream::iter(letters)
            }))
        })
    };
    let chain = chain!(String => <text: _, n: |t| t.len()>);
    assert_eq!(events_of(&chain, "ab".into(), "_").await, all(json!("ab"), &json!("ab")));
    let chain = chain!(String => letters() | <text: _, n: |t| t.len()>);
    let events = events_of(&chain, "ab".into(), "_").await;
    let kinds: Vec<_> = events.iter().map(|(what, value)| (what.as_str(), value.clone())).collect();
    assert_eq!(kinds[1..], [("stream", Some(json!("a"))), ("stream", Some(json!("b"))), ("end", Some(json!("ab")))]);
    let picked = chain!(Ask => .question);
    let events = events_of(&picked, ask(), ".question").await;
    assert_eq!(events, all(json!({"question": "q", "tier": "Gold"}), &json!("q")));
}

#[tokio::test]
async fn copied_fields_stand_where_they_are_written() {
    let first = chain!(u8 => <a: |n| n, b: |n| n + 1> | <.., c: |r| r.a + r.b>);
    assert_eq!(format!("{:?}", first.invoke(1).await.unwrap()), "Parallel { a: 1, b: 2, c: 3 }");
    let middle = chain!(u8 => <a: |n| n, b: |n| n + 1> | <z: |r| r.a, .., c: |r| r.b>);
    assert_eq!(format!("{:?}", middle.invoke(1).await.unwrap()), "Parallel { z: 1, a: 1, b: 2, c: 2 }");
    let over = chain!(u8 => <a: |n| n, b: |n| n + 1> | <.., a: |r| r.b>);
    assert_eq!(format!("{:?}", over.invoke(1).await.unwrap()), "Parallel { b: 2, a: 2 }");
    let chunks: Vec<_> = first.stream(1).try_collect().await.unwrap();
    assert_eq!(format!("{chunks:?}"), "[a(1), b(2), c(3)]");
}

#[runnable(tags("own"))]
fn tells(n: i64, cx: &Context) -> i64 {
    cx.emit("note", || json!({"n": n}));
    cx.emit("odd", || std::collections::HashMap::from([((1, 2), 3)]));
    n
}

#[tokio::test]
async fn a_custom_event_has_the_tags_of_its_run_and_not_of_its_place() {
    let chain = chain!(i64 => inc | <a: tells>);
    let events: Vec<Event> = chain.events(1).with(Config::new().tag("given")).try_collect().await.unwrap();
    let custom: Vec<_> = events.iter().filter(|event| event.event() == "on_custom_event").collect();
    let json = serde_json::to_value(custom[0]).unwrap();
    assert_eq!((&json["tags"], &json["data"]), (&json!(["own", "given"]), &json!({"n": 2})));
    let start = events.iter().find(|event| event.name() == "tells").unwrap();
    assert_eq!(start.tags().collect::<Vec<_>>(), ["map:key:a", "own", "given"]);
    let unwritten = serde_json::to_value(custom[1]).unwrap();
    assert!(unwritten.get("data").is_none(), "{unwritten}");
}
