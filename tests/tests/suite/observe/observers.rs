//! The observers that come with Catena: listeners, console, latency, spans, the run log.

use catena::{Config, Console, Error, Latency, Listeners, Spans, prelude::*};
use catena_tests::{ms, secs, subscribed};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};

#[runnable]
fn inc(n: i64) -> i64 {
    n + 1
}

#[runnable]
async fn slow(n: i64) -> i64 {
    tokio::time::sleep(secs(2)).await;
    n
}

#[runnable]
fn refuse(_n: i64) -> catena::Result<i64> {
    Err(Error::msg("boom"))
}

type Log = Arc<Mutex<Vec<String>>>;

fn listeners(tag: &'static str, log: &Log) -> Listeners {
    let note = |what: &'static str| {
        let log = Arc::clone(log);
        move |event: &catena::Event| {
            let value = event.output().or(event.input()).cloned().unwrap_or_default();
            log.lock().unwrap().push(format!("{tag} {what} {} {value}", event.name()));
        }
    };
    Listeners::new().on_start(note("start")).on_end(note("end")).on_error(note("error"))
}

#[tokio::test]
async fn listeners_hear_of_one_run_and_the_outer_ones_first() {
    let log = Log::default();
    let chain =
        chain!(i64 => inc | inc.listen(listeners("I", &log))).listen(listeners("A", &log)).listen(listeners("B", &log));
    assert_eq!(chain.invoke(1).await.unwrap(), 3);
    assert_eq!(
        *log.lock().unwrap(),
        [
            "B start sequence 1",
            "A start sequence 1",
            "I start inc 2",
            "I end inc 3",
            "B end sequence 3",
            "A end sequence 3"
        ]
    );
    log.lock().unwrap().clear();
    let refused = refuse.retry(Retry::attempts(2).jitter(false).base(ms(0))).listen(listeners("R", &log));
    refused.invoke(1).await.unwrap_err();
    assert_eq!(*log.lock().unwrap(), ["R start refuse 1", "R error refuse 1"], "once, not for each attempt");
    log.lock().unwrap().clear();
    let config = Config::new().listen(listeners("C", &log));
    assert_eq!(chain!(i64 => inc | inc).batch([1, 2]).config(config).await.len(), 2);
    assert!(!log.lock().unwrap().is_empty());
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

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn the_console_shows_a_tree_of_what_happens() {
    let page = Page::default();
    let chain = chain!(i64 => inc | <a: slow, b?: refuse> | |r| r.a);
    chain.invoke_with(1, Config::new().observe(Console::to(page.clone()))).await.unwrap();
    // What stands behind the failed field, an object, is not compared.
    let lines: Vec<String> =
        page.text().lines().map(|line| line.split_once("  {").map_or(line, |(begin, _)| begin).to_owned()).collect();
    assert_eq!(
        lines,
        [
            "> sequence  1",
            "  > inc  1",
            "  < inc  0.0ns  2",
            "  > parallel<a,b>  2",
            "    > slow  2",
            "    > refuse  2",
            "    ! refuse  0.0ns  boom",
            "    < slow  2.0s  2",
            "  < parallel<a,b>  2.0s",
            "  > |r|",
            "  < |r|  0.0ns  2",
            "< sequence  2.0s  2",
        ]
    );
    let quiet = Page::default();
    inc.invoke_with(1, Config::new().observe(Console::to(quiet.clone()).values(false))).await.unwrap();
    assert_eq!(quiet.text(), "> inc\n< inc  0.0ns\n");
}

#[tokio::test(start_paused = true)]
async fn latency_sums_the_time_of_each_step() {
    let latency = Latency::new();
    let chain = chain!(i64 => inc | slow);
    for n in 0..2 {
        chain.invoke_with(n, Config::new().observe(latency.clone())).await.unwrap();
    }
    let steps = latency.steps();
    assert_eq!((steps["sequence.slow"].runs, steps["sequence.slow"].total), (2, secs(4)));
    assert_eq!(steps["sequence"].max, secs(2));
    let table = latency.to_string();
    assert!(table.lines().nth(1).unwrap().starts_with("sequence "), "{table}");
}

#[test]
fn what_a_step_logs_is_in_the_span_of_its_run() {
    use tracing::{Subscriber, field::Visit, span};
    #[derive(Default)]
    struct Seen {
        entered: Mutex<Vec<u64>>,
        names: Mutex<Vec<String>>,
        logs: Arc<Mutex<Vec<String>>>,
    }
    struct Name(String);
    impl Visit for Name {
        fn record_debug(&mut self, _field: &tracing::field::Field, _value: &dyn std::fmt::Debug) {}
        fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
            if field.name() == "name" {
                self.0 = value.to_owned();
            }
        }
    }
    impl Subscriber for Seen {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            metadata.target().starts_with("catena") || metadata.target() == module_path!()
        }
        fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
            let mut name = Name(String::new());
            attributes.record(&mut name);
            let mut names = self.names.lock().unwrap();
            names.push(name.0);
            span::Id::from_u64(names.len() as u64)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {
            let names = self.names.lock().unwrap();
            let path = self
                .entered
                .lock()
                .unwrap()
                .iter()
                .map(|id| names[usize::try_from(*id).unwrap() - 1].clone())
                .collect::<Vec<_>>();
            self.logs.lock().unwrap().push(path.join("."));
        }
        fn enter(&self, id: &span::Id) {
            self.entered.lock().unwrap().push(id.into_u64());
        }
        fn exit(&self, _: &span::Id) {
            self.entered.lock().unwrap().pop();
        }
    }
    #[runnable]
    async fn talk(n: i64) -> i64 {
        tokio::task::yield_now().await;
        tracing::info!("here");
        n
    }
    let seen = Seen::default();
    let logs = Arc::clone(&seen.logs);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let guard = subscribed(seen);
    runtime.block_on(async {
        let chain = chain!(i64 => inc | talk);
        chain.invoke_with(1, Config::new().observe(Spans)).await.unwrap();
        chain.invoke(1).await.unwrap();
    });
    drop(guard);
    assert_eq!(*logs.lock().unwrap(), ["sequence.talk", ""]);
}

#[tokio::test]
async fn the_patches_of_a_run_log_build_its_state() {
    let chain = chain!(i64 => inc | <a: inc, b: inc> | |r| r.a * r.b);
    let patches: Vec<json_patch::Patch> = chain.run_log(1).try_collect().await.unwrap();
    let mut state = Value::Null;
    for patch in &patches {
        json_patch::patch(&mut state, patch).unwrap();
    }
    assert_eq!((&state["final_output"], &state["streamed_output"]), (&json!(9), &json!([9])));
    assert_eq!((&state["name"], &state["type"]), (&json!("sequence"), &json!("chain")));
    let logs = state["logs"].as_object().unwrap();
    let mut names: Vec<_> = logs.keys().collect();
    names.sort();
    assert_eq!(names, ["inc", "inc:2", "inc:3", "parallel<a,b>", "|r|"]);
    assert_eq!(logs["parallel<a,b>"]["final_output"], json!({ "a": 3, "b": 3 }));
    assert_eq!(logs["inc:2"]["tags"], json!(["map:key:a"]));
    assert!(logs["inc"]["end_time"].is_string());
    let chain = chain!(i64 => inc | refuse);
    let mut log = chain.run_log(1);
    let mut state = Value::Null;
    let error = loop {
        match log.try_next().await {
            Ok(Some(patch)) => json_patch::patch(&mut state, &patch).unwrap(),
            Ok(None) => panic!("the error is the last item"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.message(), "boom");
    assert_eq!(state["error"]["message"], "boom");
    assert_eq!(state["logs"]["refuse"]["error"]["kind"], "step");
}
