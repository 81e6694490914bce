//! Trees of runs in `invoke`: g38; recursion: g34; branches and routers: g23, g24.

use super::{events::events, recorded_events::observed};
use catena::{BoxRunnable, Config, Error, Event, Observer, Result, Router, prelude::*};
use catena_tests::{Cases, ms};
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

/// The runs of a call.
async fn tree<In: Send, R: Runnable<In>>(chain: &R, input: In) -> Value {
    let record = Record::default();
    let _ = chain.invoke_with(input, Config::new().observe(record.clone())).await;
    json!(observed_tree(&record.0.lock().unwrap()))
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

#[runnable]
fn ret(_x: &i64) -> BoxRunnable<i64, i64> {
    inc.boxed()
}

#[tokio::test]
async fn g38_trees() {
    let mut g38 = Cases::of("g38_run_trees", "/cases").each(|case| {
        let mut lines = Vec::new();
        recorded_tree(&case["roots"], 0, &mut lines);
        json!(lines)
    });
    g38.same("seq", &tree(&chain!(i64 => inc | inc), 1).await);
    g38.same("parallel", &tree(&chain!(i64 => <a: inc>), 1).await);
    g38.same("branch", &tree(&chain!(i64 => match { x if x > 5 => inc, _ => inc }), 1).await);
    g38.told("branches");
    let children = tree(&boom.fallback(inc), 1).await;
    g38.same("fallback via stream: attempts are children", &children);
    g38.differs(
        "fallback via invoke: attempts are SIBLINGS of (not children of) the fallback run - upstream passes config instead of child_config",
        "attempts of a fallback in `invoke`",
        &children,
        &json!(["RunnableWithFallbacks []", "  boom [] failed", "  inc []"]),
    );
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let fl =
        chain!(i64 => move |x| if count.fetch_add(1, SeqCst).is_multiple_of(2) { Err(Error::msg("odd"))? } else { x })
            .named("fl");
    g38.same("retry", &tree(&fl.retry(Retry::attempts(3).base(ms(0)).jitter(false)), 1).await);
    g38.same("map", &tree(&inc.map(), vec![1, 2]).await);
    let case = "nested invoke inside a lambda is parented via contextvar (no config passed)";
    g38.same(case, &tree(&outer, 1).await);
    g38.same("async nested", &tree(&aouter, 1).await);
    g38.same("error in step 2", &tree(&chain!(i64 => inc | boom | inc), 1).await);
    let record = Record::default();
    let config = Config::new().observe(record.clone()).max_concurrency(1);
    chain!(i64 => inc | inc).batch([1, 2]).config(config).await;
    g38.same("batch of seq: one root per input", &json!(observed_tree(&record.0.lock().unwrap())));
    g38.differs(
        "lambda returning runnable",
        "a step that returns a step",
        &tree(&ret.then_run(), 1).await,
        &json!(["ret []", "  ret []", "  inc []"]),
    );
    let router = Router::new([("inc", inc.boxed())]);
    g38.differs(
        "router",
        "router",
        &tree(&router, record! { key: "inc", input: 1 }).await,
        &json!(["router []", "  inc []"]),
    );
    let assign = chain!(i64 => <a: _> | <.., b: |x| x.a>);
    let lines = json!([
        "RunnableSequence []",
        "  RunnableParallel<a> [seq:step:1]",
        "    RunnablePassthrough [map:key:a]",
        "  RunnableParallel<a,b> [seq:step:2]",
        "    .a [map:key:a]",
        "    RunnableLambda [map:key:b]",
    ]);
    g38.differs("assign", "names of runs", &tree(&assign, 1).await, &lines);
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[runnable]
fn forever(_x: &i64) -> BoxRunnable<i64, i64> {
    CALLS.fetch_add(1, SeqCst);
    forever.then_run().boxed()
}

#[tokio::test]
async fn g34_recursion() {
    let mut g34 = Cases::of("g34_recursion_limit", "/cases");
    for (name, limit) in
        [("forever default limit 25", None), ("forever limit=3", Some(3)), ("forever limit=0", Some(0))]
    {
        CALLS.store(0, SeqCst);
        let config = limit.map_or_else(Config::new, |limit| Config::new().recursion_limit(limit));
        let error = forever.then_run().invoke_with(1, config).await.unwrap_err();
        assert_eq!(error.kind().name(), "recursion");
        assert_eq!(json!(CALLS.load(SeqCst)), g34.take(name)["calls"], "{name}");
    }
    g34.tested_by("down(5)", "dynamic::g34_the_limit_counts_as_langchains");
    g34.tested_by("down(5) limit=3", "dynamic::g34_the_limit_counts_as_langchains");
    g34.tested_by("stream forever limit=2", "dynamic::g34_streams_have_the_same_limit");
}

#[tokio::test]
async fn g23_branch() {
    const ROW: &str = "branches";
    let mut g23 = Cases::of("g23_branch", "");
    let chain = chain!(i64 => match {
        x if x > 100 => |_| json!("huge"),
        x if x > 10 => |_| json!("big"),
        x if x > 5 => <mid: _, dbl: |x| x * 2> | |both| serde_json::to_value(both)?,
        _ => |_| json!("small"),
    });
    for (input, case) in g23.take("invoke").as_object().unwrap() {
        let output = chain.invoke(input.parse().unwrap()).await.unwrap();
        assert_eq!(output, case["result"]["ok"], "{input}");
    }
    let batch: Vec<Value> = chain.batch([500, 1, 7]).await.into_iter().map(Result::unwrap).collect();
    g23.same("batch", &json!({ "ok": batch }));
    // The fields of two maps are two types: one arm is streamed here.
    let maps = chain!(i64 => match { _ => <mid: _, dbl: |x| x * 2> });
    let (events, _) = events(&maps, 7, Config::new()).await;
    let chunks: Value = events.iter().filter(|e| e.run.parent().is_none()).filter_map(|e| e.chunk()).cloned().collect();
    g23.same("stream", &json!([chunks, null]));
    g23.elsewhere("truthiness", ROW);
    g23.take("errors");
    let mut errors = Cases::of("g23_branch", "/errors");
    let one = chain!(i64 => match { _ => inc }).invoke(1).await.unwrap();
    errors.differs("one_arg", ROW, &json!({ "ok": one }), &json!({ "ok": 2 }));
    for case in ["not_tuple", "tuple3", "bad_default"] {
        errors.refused(case, ROW, "chain/not_a_step");
    }
    errors.elsewhere("condition_raises", ROW);
}

#[tokio::test]
async fn g24_router() {
    let mut g24 = Cases::of("g24_router", "");
    let router = Router::new([("add", chain!(i64 => |x| x + 1).boxed()), ("sq", chain!(i64 => |x| x * x).boxed())]);
    for (case, key) in [("invoke add 3", "add"), ("invoke sq 3", "sq")] {
        g24.same(case, &json!({ "ok": router.invoke(record! { key: key, input: 3 }).await.unwrap() }));
    }
    for case in ["stream", "batch", "abatch"] {
        g24.tested_by(case, "router::g24_the_key_chooses");
    }
    g24.tested_by("unknown", "router::g24_an_unknown_key_is_named_with_those_there_are");
    g24.refused("missing input field", "a wrong wire", "chain/missing_field");
    g24.told("a router's unknown key in a batch");
    let case = "batch with unknown key fails the WHOLE batch up front even with return_exceptions";
    g24.tested_by(case, "router::g24_in_a_batch_only_the_item_with_the_unknown_key_fails");
}
