//! Maps, chunks into a step, what is bound, taps, generators, tools: g37.

use super::python::{Raised, outcome};
use catena::{Chunks, Config, ConfigKey, Passthrough, Result, generator, prelude::*};
use catena_tests::Cases;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};

const RECORDING: &str = "g37_each_transform_bind_tool";

#[runnable]
fn sq(x: i64) -> i64 {
    x * x
}

#[runnable]
fn inverse(x: i64) -> Result<i64, Raised> {
    1_i64.checked_div(x).ok_or_else(|| Raised("ZeroDivisionError", "division by zero".into()))
}

/// Gives no pieces.
#[runnable]
fn nothing(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    text.filter(|_| std::future::ready(false))
}

#[runnable]
fn letters(text: String) -> impl Stream<Item = String> {
    stream::iter(text.chars().map(String::from).collect::<Vec<_>>())
}

#[runnable]
fn twice(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    text.map_ok(|piece| piece.repeat(2))
}

/// The recording's `gl`: a function that yields.
#[runnable]
fn it_and_the_next(x: i64) -> impl Stream<Item = i64> {
    stream::iter([x, x + 1])
}

static A: ConfigKey<Option<i64>> = ConfigKey::new("a", None);
static B: ConfigKey<Option<i64>> = ConfigKey::new("b", None);
static Z: ConfigKey<Option<i64>> = ConfigKey::new("z", None);

/// The recording's `k(x, **kw)`: what it is given, and what is bound.
#[runnable]
fn k(x: &Value, cx: &Context) -> Value {
    let bound: Map<String, Value> = [("a", &A), ("b", &B), ("z", &Z)]
        .into_iter()
        .filter_map(|(name, key)| Some((name.to_owned(), json!((*cx.value(key))?))))
        .collect();
    json!([x, bound])
}

fn a(value: i64) -> Config {
    Config::new().set(&A, Some(value))
}

#[derive(JsonSchema)]
struct Number {
    a: i64,
}

#[runnable(kind = tool)]
fn dbl(number: Number) -> String {
    (number.a * 2).to_string()
}

/// The chunks of a run that succeeds.
async fn collect<T: serde::Serialize>(chunks: Chunks<'_, T>) -> Value {
    json!([chunks.try_collect::<Vec<T>>().await.unwrap(), null])
}

async fn maps(g37: &mut Cases) {
    g37.same("map.invoke", &outcome(sq.map().invoke(vec![1, 2, 3]).await));
    g37.same("map.invoke empty", &outcome(sq.map().invoke(vec![]).await));
    g37.same("map.map", &outcome(sq.map().map().invoke(vec![vec![1, 2], vec![3]]).await));
    g37.same("map.batch", &outcome(sq.map().try_batch([vec![1], vec![2, 3]]).max_concurrency(1).await));
    g37.same("map error", &outcome(inverse.map().invoke(vec![1, 0]).await));
    g37.differs(
        "map.stream (one chunk)",
        "the stream of a `.map()`",
        &collect(sq.map().stream(vec![1, 2])).await,
        &json!([[[0, 1], [1, 4]], null]),
    );
    let map = sq.map();
    let events: Vec<catena::Event> = map.events(vec![1]).try_collect().await.unwrap();
    let outline: Vec<Value> = events.iter().map(|e| json!([e.event(), e.name(), e.chunk()])).collect();
    g37.differs(
        "map.astream_events",
        "events of a `.map()`",
        &json!(outline),
        &json!([
            ["on_chain_start", "map<sq>", null],
            ["on_chain_start", "sq", null],
            ["on_chain_end", "sq", null],
            ["on_chain_stream", "map<sq>", [0, 1]],
            ["on_chain_end", "map<sq>", null],
        ]),
    );
}

async fn chunks(g37: &mut Cases) {
    let numbers = generator(|input: Chunks<'_, String>| {
        drop(input);
        Chunks::<i64>::new(stream::iter([1, 2, 3].map(Ok)))
    });
    let empty = String::new;
    g37.differs(
        "default transform over str chunks",
        "merging chunks",
        &collect(chain!(String => numbers | |all| all).stream(empty())).await,
        &json!([[[1, 2, 3]], null]),
    );
    let through = chain!(String => nothing | _ | _);
    g37.same("transform of empty input: seq of passthrough", &collect(through.stream(empty())).await);
    let through = chain!(String => nothing | |text| text);
    for case in ["transform of empty input into a lambda", "atransform of empty input into a lambda"] {
        let ours = collect(through.stream(empty())).await;
        g37.differs(case, "an empty input stream", &ours, &json!([[""], null]));
    }
    g37.same("generator.invoke sums", &outcome(twice.invoke("ab".to_owned()).await));
    g37.differs(
        "generator yielding nothing -> None",
        "a generator",
        &outcome(nothing.invoke("x".to_owned()).await),
        &json!({ "ok": "" }),
    );
    g37.differs(
        "lambda over generator fn: invoke sums",
        "a generator",
        &outcome(it_and_the_next.invoke(1).await),
        &json!({ "ok": [1, 2] }),
    );
}

async fn bound(g37: &mut Cases) {
    let zero = || json!(0);
    let one = k.with_config(a(1));
    g37.same("bind overridden at call", &outcome(one.invoke_with(zero(), a(9)).await));
    // Of two, the outer one counts, which is also the later.
    let both = k.with_config(a(1)).with_config(a(3).set(&B, Some(2)));
    g37.same("bind", &outcome(both.invoke(zero()).await));
    let chain = chain!(Value => one | |value| value);
    g37.same("bind in a sequence: kwargs only reach the bound step", &outcome(chain.invoke(zero()).await));
    let chain = chain!(Value => <bound: k.with_config(a(1)), free: k>);
    let out = chain.invoke(zero()).await.unwrap();
    assert_eq!((out.bound, out.free), (json!([0, { "a": 1 }]), json!([0, {}])));
    g37.differs(
        "invoke(**kwargs) on a sequence reaches only the FIRST step",
        "settings of a call",
        &outcome(chain!(Value => k | k).invoke_with(zero(), Config::new().set(&Z, Some(1))).await),
        &json!({ "ok": [[0, { "z": 1 }], { "z": 1 }] }),
    );
}

async fn taps(g37: &mut Cases) {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let log = Arc::clone(&seen);
    let tap = Passthrough.tap(move |x: &i64| log.lock().unwrap().push(json!(x)));
    let result = outcome(chain!(i64 => tap).invoke(5).await);
    g37.same("passthrough tap", &json!({ "r": result, "seen": std::mem::take(&mut *seen.lock().unwrap()) }));
    let log = Arc::clone(&seen);
    let tapped = chain!(String => letters.tap(move |text: &String| log.lock().unwrap().push(json!(text))));
    let chunks = collect(tapped.stream("ab".into())).await;
    let case = "passthrough tap stream: called once at the end with the sum";
    g37.same(case, &json!({ "r": chunks, "seen": *seen.lock().unwrap() }));
}

#[tokio::test]
async fn g37_each_transform_bind_tool() {
    let mut g37 = Cases::of(RECORDING, "/cases");
    maps(&mut g37).await;
    chunks(&mut g37).await;
    bound(&mut g37).await;
    taps(&mut g37).await;
    let outcome = dbl.invoke(Number { a: 3 }).await;
    let ours = json!({
        "name": Step::name(&dbl),
        "args": chain!(Number => dbl).input_schema().unwrap()["properties"],
        "invoke": { "ok": outcome.unwrap() },
    });
    g37.but_for("as_tool", "schemas", &ours, |theirs| {
        theirs["args"]["a"] = json!({ "type": "integer", "format": "int64" });
        // What a call misses, the compiler says.
        theirs.as_object_mut().unwrap().remove("missing");
    });
}
