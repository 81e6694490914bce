//! Trees of runs in `invoke`: g38; recursion: g34; branches and routers: g23, g24.

use crate::recorded_events::observed;
use catena::{BoxRunnable, Config, Error, Event, Observer, Result, Router, prelude::*};
use catena_tests::{ms, recording};
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<Event>>>);

impl Observer for Record {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// `name [tags] error?`, indented by depth.
fn recorded_tree(runs: &Value, depth: usize, lines: &mut Vec<String>) {
    for run in runs.as_array().unwrap() {
        let tags: Vec<&str> = run["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
        // A `match` has no conditions that are steps.
        if tags.iter().any(|tag| tag.starts_with("condition:")) {
            continue;
        }
        let failed = if run["error"].is_null() { "" } else { " failed" };
        lines.push(format!("{}{} [{}]{failed}", "  ".repeat(depth), run["name"].as_str().unwrap(), tags.join(",")));
        recorded_tree(&run["children"], depth + 1, lines);
    }
}

fn observed_tree(events: &[Event]) -> Vec<String> {
    let runs = observed(events);
    let depth = |mut at: usize| {
        let mut depth = 0;
        while let Some(parent) = runs[at].parent {
            (at, depth) = (parent, depth + 1);
        }
        depth
    };
    let line = |at: usize| {
        let run = &runs[at];
        let failed = if run.events.len() == 1 { " failed" } else { "" };
        format!("{}{} [{}]{failed}", "  ".repeat(depth(at)), run.name, run.tags.join(","))
    };
    (0..runs.len()).map(line).collect()
}

async fn same_tree<In: Send, R: Runnable<In>>(case: &Value, chain: &R, input: In) {
    let record = Record::default();
    let _ = chain.invoke_with(input, Config::new().observe(record.clone())).await;
    let mut lines = Vec::new();
    recorded_tree(&case["roots"], 0, &mut lines);
    assert_eq!(lines, observed_tree(&record.0.lock().unwrap()));
}

#[runnable]
fn inc(x: &i64) -> i64 {
    x + 1
}

#[runnable]
fn boom(_x: &i64) -> Result<i64> {
    Err(Error::msg("boom"))
}

#[runnable]
async fn outer(x: i64, cx: &Context) -> Result<i64> {
    chain!(i64 => inc | inc).call(x, cx).await
}

#[runnable]
async fn aouter(x: i64, cx: &Context) -> Result<i64> {
    inc.call(x, cx).await
}

#[tokio::test]
async fn g38_trees() {
    let g38 = recording("g38_run_trees");
    let case = |name: &str| &g38["cases"][name];
    same_tree(case("seq"), &chain!(i64 => inc | inc), 1).await;
    same_tree(case("parallel"), &chain!(i64 => <a: inc>), 1).await;
    same_tree(case("branch"), &chain!(i64 => match { x if x > 5 => inc, _ => inc }), 1).await;
    same_tree(case("fallback via stream: attempts are children"), &boom.fallback(inc), 1).await;
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let fl =
        chain!(i64 => move |x| if count.fetch_add(1, SeqCst).is_multiple_of(2) { Err(Error::msg("odd"))? } else { x })
            .named("fl");
    same_tree(case("retry"), &fl.retry(Retry::attempts(3).base(ms(0)).jitter(false)), 1).await;
    same_tree(case("map"), &inc.map(), vec![1, 2]).await;
    same_tree(case("nested invoke inside a lambda is parented via contextvar (no config passed)"), &outer, 1).await;
    same_tree(case("async nested"), &aouter, 1).await;
    same_tree(case("error in step 2"), &chain!(i64 => inc | boom | inc), 1).await;
    let record = Record::default();
    let config = Config::new().observe(record.clone()).max_concurrency(1);
    chain!(i64 => inc | inc).batch([1, 2]).config(config).await;
    let mut lines = Vec::new();
    recorded_tree(&case("batch of seq: one root per input")["roots"], 0, &mut lines);
    assert_eq!(lines, observed_tree(&record.0.lock().unwrap()));
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[runnable]
fn forever(_x: &i64) -> BoxRunnable<i64, i64> {
    CALLS.fetch_add(1, SeqCst);
    forever.then_run().boxed()
}

#[tokio::test]
async fn g34_recursion() {
    let g34 = recording("g34_recursion_limit");
    for (name, limit) in
        [("forever default limit 25", None), ("forever limit=3", Some(3)), ("forever limit=0", Some(0))]
    {
        CALLS.store(0, SeqCst);
        let config = limit.map_or_else(Config::new, |limit| Config::new().recursion_limit(limit));
        let error = forever.then_run().invoke_with(1, config).await.unwrap_err();
        assert_eq!(error.kind().name(), "recursion");
        assert_eq!(json!(CALLS.load(SeqCst)), g34["cases"][name]["calls"], "{name}");
    }
}

#[tokio::test]
async fn g23_branch() {
    let g23 = recording("g23_branch");
    let chain = chain!(i64 => match {
        x if x > 100 => |_| json!("huge"),
        x if x > 10 => |_| json!("big"),
        x if x > 5 => <mid: _, dbl: |x| x * 2> | |both| serde_json::to_value(both)?,
        _ => |_| json!("small"),
    });
    for (input, case) in g23["invoke"].as_object().unwrap() {
        let output = chain.invoke(input.parse().unwrap()).await.unwrap();
        assert_eq!(output, case["result"]["ok"], "{input}");
    }
    let batch: Vec<Value> = chain.batch([500, 1, 7]).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(json!(batch), g23["batch"]["ok"]);
}

#[tokio::test]
async fn g24_router() {
    let g24 = recording("g24_router");
    let router = Router::new([("add", chain!(i64 => |x| x + 1).boxed()), ("sq", chain!(i64 => |x| x * x).boxed())]);
    assert_eq!(json!(router.invoke(record! { key: "add", input: 3 }).await.unwrap()), g24["invoke add 3"]["ok"]);
    assert_eq!(json!(router.invoke(record! { key: "sq", input: 3 }).await.unwrap()), g24["invoke sq 3"]["ok"]);
    assert!(router.invoke(record! { key: "no", input: 3 }).await.is_err());
    let batch = router.batch([record! { key: "add", input: 1 }]).await;
    assert_eq!(json!(batch.into_iter().map(Result::unwrap).collect::<Vec<_>>()[0]), g24["batch"]["ok"][0]);
}
