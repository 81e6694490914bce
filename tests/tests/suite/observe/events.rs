//! The events of a run: order, parents, payloads, filters, backpressure, what is stopped.

use catena::{Config, Error, ErrorKind, Event, EventKind, Observer, RunId, RunKind, prelude::*};
use catena_tests::{Scripted, ms, secs};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use std::sync::{Arc, Mutex};

#[runnable]
fn inc(n: i64) -> i64 {
    n + 1
}

#[runnable(tags("own"))]
async fn slow(n: i64) -> i64 {
    tokio::time::sleep(secs(1)).await;
    n * 10
}

#[runnable]
fn refuse(_n: i64) -> catena::Result<i64> {
    Err(Error::msg("boom"))
}

#[runnable]
fn total(a: i64, b: i64) -> i64 {
    a + b
}

/// `on_chain_start inc<sequence`, with the parent's name.
fn line(event: &Event) -> String {
    let parent = event.run.parent().map(|run| format!("<{}", run.name())).unwrap_or_default();
    format!("{} {}{parent}", event.event(), event.name())
}

async fn lines<In: Send, R: Runnable<In>>(chain: &R, input: In) -> (Vec<String>, Option<Error>) {
    let mut events = chain.events(input);
    let (mut lines, mut error) = (Vec::new(), None);
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => lines.push(line(&event)),
            Err(failed) => error = Some(failed),
        }
    }
    (lines, error)
}

#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<Event>>>);

impl Observer for Record {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

impl Record {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(line).collect()
    }
}

#[tokio::test]
async fn each_step_of_a_sequence_is_a_run_in_that_of_the_sequence() {
    let chain = chain!(i64 => inc | |n| n * 2 | inc);
    let record = Record::default();
    assert_eq!(chain.invoke_with(1, Config::new().observe(record.clone())).await.unwrap(), 5);
    assert_eq!(
        record.lines(),
        [
            "on_chain_start sequence",
            "on_chain_start inc<sequence",
            "on_chain_end inc<sequence",
            "on_chain_start |n|<sequence",
            "on_chain_end |n|<sequence",
            "on_chain_start inc<sequence",
            "on_chain_end inc<sequence",
            "on_chain_end sequence",
        ]
    );
    let events = record.0.lock().unwrap();
    assert_eq!(events[0].input(), Some(&json!(1)));
    assert_eq!(events[3].input(), Some(&json!(2)), "a closure's input is known from the step before");
    assert_eq!(events[4].output(), Some(&json!(4)));
    assert_eq!(events[7].output(), Some(&json!(5)));
    assert_eq!(events[3].run.tags().collect::<Vec<_>>(), ["seq:step:2"]);
    assert_eq!(events[3].run.parents(), [events[0].run.id()]);
}

#[tokio::test(start_paused = true)]
async fn branches_of_a_map_are_runs_under_their_field() {
    let chain = chain!(i64 => <a: slow, b: |n| n + 1> | total);
    let events: Vec<Event> = chain.events(2).try_collect().await.unwrap();
    let lines: Vec<String> = events.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "on_chain_start sequence",
            "on_chain_start parallel<a,b><sequence",
            "on_chain_start slow<parallel<a,b>",
            "on_chain_start |n|<parallel<a,b>",
            "on_chain_stream |n|<parallel<a,b>",
            "on_chain_end |n|<parallel<a,b>",
            "on_chain_stream parallel<a,b><sequence",
            "on_chain_stream slow<parallel<a,b>",
            "on_chain_end slow<parallel<a,b>",
            "on_chain_stream parallel<a,b><sequence",
            "on_chain_end parallel<a,b><sequence",
            "on_chain_start total<sequence",
            "on_chain_stream total<sequence",
            "on_chain_end total<sequence",
            "on_chain_stream sequence",
            "on_chain_end sequence",
        ]
    );
    assert_eq!(events[2].run.tags().collect::<Vec<_>>(), ["map:key:a", "own"]);
    assert_eq!(events[3].input(), Some(&json!(2)), "what the map got");
    assert_eq!(events[6].chunk(), Some(&json!({ "b": 3 })));
    assert_eq!(events[11].input(), Some(&json!({ "a": 20, "b": 3 })));
    assert_eq!(events[15].output(), Some(&json!(23)));
}

#[tokio::test]
async fn a_list_that_streams_ends_with_all_its_items() {
    let chain = inc.map();
    let events: Vec<Event> = chain.events(vec![1, 2]).try_collect().await.unwrap();
    let last = events.last().unwrap();
    assert_eq!((last.event(), last.output()), ("on_chain_end", Some(&json!([2, 3]))));
}

#[tokio::test]
async fn the_input_as_a_record_is_no_step() {
    let chain = chain!({ n: i64, by: i64 } => |r| r.n * r.by | inc);
    let events: Vec<Event> = chain.events(catena::record! { by: 3, n: 2 }).try_collect().await.unwrap();
    assert_eq!(events[0].input(), Some(&json!({ "n": 2, "by": 3 })));
    assert_eq!(line(&events[1]), "on_chain_start |r|<sequence");
    assert_eq!(events[1].run.tags().collect::<Vec<_>>(), ["seq:step:1"]);

    let alone = chain!({ n: i64 } => |r| r.n + 1);
    let events: Vec<Event> = alone.events(catena::record! { n: 2 }).try_collect().await.unwrap();
    assert_eq!(
        events.iter().map(line).collect::<Vec<_>>(),
        ["on_chain_start |r|", "on_chain_stream |r|", "on_chain_end |r|"]
    );
}

#[tokio::test]
async fn a_long_chain_is_one_sequence_with_its_steps_counted_on() {
    let chain = chain!(i64 => inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc);
    for events in [chain.events(0).try_collect::<Vec<_>>().await.unwrap(), {
        let record = Record::default();
        chain.invoke_with(0, Config::new().observe(record.clone())).await.unwrap();
        record.0.lock().unwrap().clone()
    }] {
        let starts: Vec<_> = events.iter().filter(|event| event.event() == "on_chain_start").collect();
        assert_eq!(starts.len(), 15);
        assert_eq!(starts[0].name(), "sequence");
        for (number, start) in starts.iter().enumerate().skip(1) {
            assert_eq!(start.run.tags().collect::<Vec<_>>(), [format!("seq:step:{number}")]);
            assert_eq!(start.run.parents(), [starts[0].run.id()]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_an_event_of_each_run_it_ends_and_stops_the_siblings() {
    let (lines, error) = lines(&chain!(i64 => inc | <a: slow, b: refuse>), 1).await;
    assert_eq!(error.unwrap().path(), "<b>.refuse");
    assert_eq!(
        lines[lines.len() - 4..],
        [
            "on_chain_error refuse<parallel<a,b>",
            "on_chain_error slow<parallel<a,b>",
            "on_chain_error parallel<a,b><sequence",
            "on_chain_error sequence",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn attempts_are_runs_within_the_run_of_the_retry() {
    let flaky = Scripted::fails(Error::msg("x")).then_says(["ok"]);
    let ask = chain!(String => |text| text).retry(3);
    let record = Record::default();
    ask.invoke_with("q".into(), Config::new().observe(record.clone())).await.unwrap();
    assert_eq!(record.lines().len(), 4, "{:?}", record.lines());
    drop(flaky);
    let refused = refuse.retry(2);
    let record = Record::default();
    refused.invoke_with(1, Config::new().observe(record.clone())).await.unwrap_err();
    let events = record.0.lock().unwrap();
    let lines: Vec<String> = events.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "on_chain_start refuse",
            "on_chain_start refuse<refuse",
            "on_chain_error refuse<refuse",
            "on_chain_start refuse<refuse",
            "on_chain_error refuse<refuse",
            "on_chain_error refuse",
        ]
    );
    assert_eq!(events[3].run.tags().collect::<Vec<_>>(), ["retry:attempt:2"]);
    assert!(matches!(&events[5].kind, EventKind::Error { error, .. } if error.attempts() == 2));
}

#[tokio::test]
async fn what_a_step_calls_itself_is_part_of_its_run() {
    #[runnable]
    async fn outer(n: i64, cx: &Context) -> catena::Result<i64> {
        cx.emit("halfway", || json!({ "n": n }));
        chain!(i64 => inc | inc).call(n, cx).await
    }
    let (lines, error) = lines(&outer, 1).await;
    assert!(error.is_none());
    assert_eq!(
        lines,
        [
            "on_chain_start outer",
            "on_custom_event halfway",
            "on_chain_start sequence<outer",
            "on_chain_start inc<sequence",
            "on_chain_end inc<sequence",
            "on_chain_start inc<sequence",
            "on_chain_end inc<sequence",
            "on_chain_end sequence<outer",
            "on_chain_stream outer",
            "on_chain_end outer",
        ]
    );
}

#[tokio::test]
async fn the_name_the_id_tags_and_metadata_are_those_of_the_configuration() {
    let id: RunId = "00000000-0000-4000-8000-000000000005".parse().unwrap();
    let chain = chain!(i64 => inc | inc.with_config(Config::new().tag("inner").run_name("second"))).named("both");
    let config = Config::new().run_name("root").run_id(id).tag("call").metadata("k", 1);
    let events: Vec<Event> = chain.events(1).with(config).try_collect().await.unwrap();
    assert_eq!(events[0].name(), "root");
    assert_eq!(events[0].run.id(), id);
    let inner = events.iter().find(|event| event.name() == "second").unwrap();
    assert_eq!(inner.run.tags().collect::<Vec<_>>(), ["seq:step:2", "call", "inner"]);
    assert_eq!(inner.run.metadata()["k"], 1);
    assert_ne!(inner.run.id(), id);
    let events: Vec<Event> = chain.events(1).try_collect().await.unwrap();
    assert_eq!(events[0].name(), "both");
}

#[tokio::test]
async fn filters_include_any_and_exclude_all() {
    let chain = chain!(i64 => inc | |n| n | inc.named("last"));
    let names = |events: Vec<Event>| events.iter().map(line).collect::<Vec<_>>();
    let only = names(chain.events(1).include_names(["last"]).try_collect().await.unwrap());
    assert_eq!(only, ["on_chain_start last<sequence", "on_chain_stream last<sequence", "on_chain_end last<sequence"]);
    let none: Vec<&str> = Vec::new();
    assert!(names(chain.events(1).include_names(none).try_collect().await.unwrap()).is_empty());
    let without = names(chain.events(1).exclude_tags(["seq:step:1", "seq:step:2"]).try_collect().await.unwrap());
    assert!(without.iter().all(|line| line.contains("last") || line.ends_with("sequence")), "{without:?}");
    let models = names(chain.events(1).include_kinds([RunKind::ChatModel]).try_collect().await.unwrap());
    assert!(models.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_makes_the_run_wait() {
    let seen = Arc::new(Mutex::new(0));
    let count = Arc::clone(&seen);
    let step = chain!(i64 => move |n| { *count.lock().unwrap() += 1; n });
    let each = step.map().concurrency(1);
    let mut events = each.events(vec![0; 100]).capacity(4);
    for _ in 0..3 {
        events.next().await.unwrap().unwrap();
    }
    assert!(*seen.lock().unwrap() <= 4, "{} items ran for 3 events", seen.lock().unwrap());
    let rest: Vec<Event> = events.try_collect().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), 100);
    assert!(rest.len() >= 300 - 3, "no event is lost: {}", rest.len());
}

#[tokio::test(start_paused = true)]
async fn who_stops_reading_stops_the_run() {
    let source = Scripted::says(["a", "b"]).after(secs(60));
    let mut events = source.events("q".to_owned());
    let chain = chain!(i64 => inc | slow);
    let mut running = chain.events(1);
    while let Some(event) = running.next().await {
        if event.unwrap().name() == "slow" {
            break;
        }
    }
    drop(running);
    assert!(tokio::time::timeout(ms(10), events.next()).await.is_err());
    drop(events);
    assert_eq!(source.log().running(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_running_says_that_it_was_stopped() {
    let record = Record::default();
    let chain = chain!(i64 => inc | slow);
    let config = Config::new().observe(record.clone());
    let _ = tokio::time::timeout(ms(10), chain.invoke_with(1, config)).await.unwrap_err();
    let events = record.0.lock().unwrap();
    let stopped: Vec<_> = events.iter().filter_map(|event| Some((event.name(), event.error()?.kind()))).collect();
    assert_eq!(stopped, [("slow", &ErrorKind::Cancelled), ("sequence", &ErrorKind::Cancelled)]);
}

#[tokio::test]
async fn an_observer_that_panics_does_not_break_the_run() {
    struct Panics;
    impl Observer for Panics {
        fn event(&self, _event: &Event) {
            panic!("no");
        }
    }
    let record = Record::default();
    let config = Config::new().observe(Panics).observe(record.clone());
    assert_eq!(inc.invoke_with(1, config).await.unwrap(), 2);
    assert_eq!(record.lines().len(), 2);
}

#[tokio::test]
async fn values_that_cannot_be_written_are_left_out() {
    struct Opaque;
    #[runnable]
    fn hide(_n: i64) -> Opaque {
        Opaque
    }
    #[runnable]
    fn reveal(_opaque: Opaque) -> i64 {
        7
    }
    let events: Vec<Event> = chain!(i64 => hide | reveal).events(1).try_collect().await.unwrap();
    let end = events.iter().find(|event| event.event() == "on_chain_end" && event.name() == "hide").unwrap();
    assert_eq!((end.input(), end.output()), (Some(&json!(1)), None));
    let as_json = serde_json::to_value(end).unwrap();
    assert_eq!(as_json["data"], json!({ "input": 1 }));
    assert_eq!(as_json["event"], "on_chain_end");
    assert_eq!(as_json["parent_ids"][0], json!(events[0].run.id()));
}
