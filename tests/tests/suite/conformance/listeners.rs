//! Listeners: g30.

use super::{
    python::{Raised, outcome, repr},
    recorded_events::translated,
};
use catena::{Event, Listeners, Result, prelude::*};
use catena_tests::{Cases, ms};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Value>>>);

impl Log {
    /// Who heard what of which run.
    fn listeners(&self, who: &'static str) -> Listeners {
        let note = |what: &'static str, heard: fn(&Event) -> Value| {
            let log = self.clone();
            move |event: &Event| {
                log.0.lock().unwrap().push(json!([who, what, translated(event.name()), heard(event)]));
            }
        };
        Listeners::new()
            .on_start(note("start", |event| json!({ "input": event.input() })))
            .on_end(note("end", |event| json!({ "output": event.output() })))
            .on_error(note("error", |event| json!(repr(event.error().unwrap()))))
    }

    /// With what a run gave, and empty again.
    fn with(&self, result: &Value) -> Value {
        json!({ "result": result, "log": std::mem::take(&mut *self.0.lock().unwrap()) })
    }
}

#[runnable]
fn add(x: i64) -> i64 {
    x + 1
}

#[runnable]
fn boom(_x: i64) -> Result<i64, Raised> {
    Err(Raised("ValueError", "boom".into()))
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Fails twice, then succeeds, and so on.
#[runnable]
fn fl(x: &i64) -> Result<i64, Raised> {
    if CALLS.fetch_add(1, SeqCst) % 3 < 2 { Err(Raised("ValueError", "x".into())) } else { Ok(*x) }
}

#[tokio::test]
async fn g30_listeners() {
    let mut g30 = Cases::of("g30_listeners", "/cases");
    let log = Log::default();
    let l = |who| log.listeners(who);
    g30.same("invoke", &log.with(&outcome(add.listen(l("A")).invoke(1).await)));
    let result = add.listen(l("A")).listen(l("B")).invoke(1).await;
    g30.same("two listeners: (added second fires first)", &log.with(&outcome(result)));
    let result = chain!(i64 => add | add).listen(l("S")).invoke(1).await;
    g30.same("seq: listener on the sequence fires only for the root run of that runnable", &log.with(&outcome(result)));
    let result = chain!(i64 => add | add.listen(l("I"))).invoke(1).await;
    g30.same("listener on inner step", &log.with(&outcome(result)));
    let mut theirs = g30.take("error");
    // What Python tells of the error goes on with its traceback.
    let told = theirs["log"][1][3].as_str().unwrap().split("Traceback").next().unwrap();
    theirs["log"][1][3] = json!(told);
    assert_eq!(log.with(&outcome(boom.listen(l("E")).invoke(1).await)), theirs);
    let result = add.listen(l("A")).try_batch([1, 2]).max_concurrency(1).await;
    g30.same("batch: one pair per input", &log.with(&outcome(result)));
    let chunks: Vec<i64> = add.listen(l("A")).stream(1).try_collect().await.unwrap();
    g30.differs(
        "stream",
        "inputs in events",
        &log.with(&json!([chunks, null])),
        &json!({
            "result": [[2], null],
            "log": [["A", "start", "add", { "input": 1 }], ["A", "end", "add", { "output": 2 }]],
        }),
    );
    let policy = || Retry::attempts(3).base(ms(0)).jitter(false);
    let result = fl.retry(policy()).listen(l("R")).invoke(1).await;
    g30.same("with_retry().with_listeners(): fires once", &log.with(&outcome(result)));
    let result = fl.listen(l("R")).retry(policy()).invoke(1).await;
    g30.differs(
        "with_listeners().with_retry(): RunnableBinding.with_retry pushes the retry INSIDE the binding, so the listener fires once, not per attempt",
        "listeners within a retry",
        &log.with(&outcome(result)),
        &json!({
            "result": { "ok": 1 },
            "log": [
                ["R", "start", "fl", { "input": 1 }], ["R", "error", "fl", "ValueError('x')"],
                ["R", "start", "fl", { "input": 1 }], ["R", "error", "fl", "ValueError('x')"],
                ["R", "start", "fl", { "input": 1 }], ["R", "end", "fl", { "output": 1 }],
            ],
        }),
    );
    let bad = Listeners::new().on_start(|_| panic!("listener failure"));
    g30.same("listener that raises is swallowed (logged)", &log.with(&outcome(add.listen(bad).invoke(1).await)));
    // A listener does not wait: what has to, goes on in another task.
    let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
    let heard = tokio::spawn(async move {
        let mut all = Vec::new();
        while let Some(line) = receive.recv().await {
            all.push(line);
        }
        json!(all)
    });
    let (start, end) = (send.clone(), send);
    let listeners = Listeners::new()
        .on_start(move |event| start.send(json!(["A", "start", event.name()])).unwrap())
        .on_end(move |event| end.send(json!(["A", "end", event.name(), { "output": event.output() }])).unwrap());
    let result = add.listen(listeners).invoke(1).await.unwrap();
    g30.same("with_alisteners", &json!({ "result": result, "log": heard.await.unwrap() }));
}
