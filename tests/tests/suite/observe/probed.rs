//! Whatever a chain is made of: the events of each run say what that very step got and gave.
//!
//! Every function here writes down its input and its output itself, under the id of the run that it finds itself in. A wrapper
//! without a run of its own does the same for combinators, under a name that only they have.

use catena::{
    BoxRunnable, Chunks, Config, Error, ErrorKind, Event, EventKind, Failed, Node, Observer, Router, RunId, Step,
    Whole, lazy, prelude::*,
};
use catena_tests::ms;
use futures_util::StreamExt;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

type Number = BoxRunnable<i64, i64>;

/// What a step got, and what came of it: a value, or a message.
type Call = (Value, Result<Value, String>);

/// What the steps write down.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    by_run: HashMap<RunId, Call>,
    by_name: HashMap<String, Vec<Call>>,
}

fn outcome<T: Serialize>(outcome: &catena::Result<T>) -> Result<Value, String> {
    outcome.as_ref().map(|value| json!(value)).map_err(|error| error.message().to_owned())
}

/// Writes down what a function got and gave, in the run that it is in.
fn note<T: Serialize>(cx: &Context, got: Value, gave: catena::Result<T>) -> catena::Result<T> {
    if let (Some(notes), Some(run)) = (cx.get::<Notes>(), cx.run()) {
        let before = notes.0.lock().unwrap().by_run.insert(run.id(), (got, outcome(&gave)));
        assert!(before.is_none(), "two steps in one run, {}", run.name());
    }
    gave
}

/// A combinator whose calls are written down under its name.
struct Watched<S>(catena::Named<S>, String);

fn watched<S: Step>(name: &str, step: S) -> Watched<S> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("{name} {}", NUMBER.fetch_add(1, Relaxed));
    Watched(step.named(name.clone()), name)
}

impl<S: Step> Step for Watched<S> {
    const NODE: Node = <catena::Named<S> as Step>::NODE;
    fn name(&self) -> Option<&str> {
        self.0.name()
    }
}

impl<S: Runnable<i64, Output = i64>> Runnable<i64> for Watched<S> {
    type Output = i64;
    type Chunk = i64;
    type Assembler = Whole<i64>;
    fn assembler(&self) -> Whole<i64> {
        Whole::default()
    }
    fn input_json(&self, input: &i64) -> Option<Value> {
        self.0.input_json(input)
    }
    async fn call<'a>(&'a self, input: i64, cx: &'a Context) -> catena::Result<i64> {
        let gave = self.0.call(input, cx).await;
        if let Some(notes) = cx.get::<Notes>() {
            let call = (json!(input), outcome(&gave));
            notes.0.lock().unwrap().by_name.entry(self.1.clone()).or_default().push(call);
        }
        gave
    }
    fn call_stream<'a>(&'a self, input: i64, cx: &'a Context) -> Chunks<'a, i64>
    where
        i64: 'a,
    {
        Chunks::once(async move {
            let gave = self.0.call_stream(input, cx).assemble(Runnable::<i64>::assembler(&self.0)).await;
            if let Some(notes) = cx.get::<Notes>() {
                let call = (json!(input), outcome(&gave));
                notes.0.lock().unwrap().by_name.entry(self.1.clone()).or_default().push(call);
            }
            gave
        })
    }
}

#[runnable]
fn inc(n: i64, cx: &Context) -> catena::Result<i64> {
    note(cx, json!(n), Ok(n.wrapping_add(1)))
}

#[runnable]
async fn later(n: &i64, cx: &Context) -> catena::Result<i64> {
    tokio::time::sleep(ms(u64::from(n.unsigned_abs() % 7 == 3))).await;
    note(cx, json!(n), Ok(n.wrapping_mul(2)))
}

#[runnable(blocking)]
fn blocks(n: i64, cx: &Context) -> catena::Result<i64> {
    note(cx, json!(n), Ok(n ^ 1))
}

/// Fails now and then, for good.
#[runnable]
fn picky(n: i64, cx: &Context) -> catena::Result<i64> {
    note(cx, json!(n), if n % 3 == 0 { Err(Error::msg(format!("{n} is refused"))) } else { Ok(n) })
}

#[runnable]
fn sum(a: i64, b: i64, cx: &Context) -> catena::Result<i64> {
    note(cx, json!({"a": a, "b": b}), Ok(a.wrapping_add(b)))
}

#[runnable]
fn spread(n: i64, cx: &Context) -> catena::Result<Vec<i64>> {
    note(cx, json!(n), Ok(vec![n, n.wrapping_add(1), n.wrapping_add(2)]))
}

#[runnable]
fn total(all: Vec<i64>, cx: &Context) -> catena::Result<i64> {
    let sum = all.iter().fold(0, |sum: i64, n| sum.wrapping_add(*n));
    note(cx, json!(all), Ok(sum))
}

#[runnable]
async fn nested(n: i64, cx: &Context) -> catena::Result<i64> {
    let one = inc.call(n.wrapping_mul(100), cx).await;
    let two = chain!(i64 => later | <a: inc, b: _> | sum).call(n.wrapping_sub(1), cx).await;
    let three = later.call_stream(n.wrapping_add(9), cx).assemble(Runnable::<i64>::assembler(&later)).await;
    let gave = one.and_then(|one| Ok(one.wrapping_add(two?).wrapping_add(three?)));
    note(cx, json!(n), gave)
}

#[runnable]
fn excuse(failed: Failed<i64>, cx: &Context) -> catena::Result<i64> {
    // The record of a failure is not written; the output is.
    note(cx, Value::Null, Ok(failed.input.wrapping_add(5)))
}

#[derive(Clone, Copy, Debug, Serialize)]
enum Size {
    Small(i64),
    Large { value: i64, by: i64 },
}

#[runnable]
fn measure(n: i64, cx: &Context) -> catena::Result<Size> {
    note(cx, json!(n), Ok(if n < 50 { Size::Small(n) } else { Size::Large { value: n, by: n - 50 } }))
}

#[runnable]
fn less(value: i64, by: i64, cx: &Context) -> catena::Result<i64> {
    note(cx, json!({"value": value, "by": by}), Ok(value.wrapping_sub(by)))
}

#[derive(Clone, Debug, Record, Serialize)]
struct Pair {
    #[serde(rename = "second")]
    b: i64,
    a: i64,
}

/// The same without named chunks.
#[derive(Clone, Debug, Serialize)]
struct Plain {
    a: i64,
    b: i64,
}

#[runnable]
fn of_pair(pair: Pair, cx: &Context) -> catena::Result<i64> {
    note(cx, json!(pair), Ok(pair.a.wrapping_sub(pair.b)))
}

#[runnable]
fn of_plain(plain: Plain, cx: &Context) -> catena::Result<i64> {
    note(cx, json!(plain), Ok(plain.a.wrapping_sub(plain.b)))
}

/// One link of a random chain behind another. Each is watched as a whole.
fn link(kind: u8, inner: Number) -> Number {
    let patient = || Retry::attempts(3).base(ms(1)).jitter(false);
    match kind {
        0 => watched("sequence", chain!(i64 => inner | inc | later)).boxed_stream(),
        1 => watched("map", chain!(i64 => inner | <a: inc, b: later> | sum)).boxed_stream(),
        2 => watched("copies", chain!(i64 => <a: inner, c: _> | <.., b: .c | inc> | .{a, b} | sum)).boxed_stream(),
        3 => {
            watched("named arms", chain!(i64 => inner | match { 7 => inc, n if n % 2 == 0 => later | inc, n => |n| n }))
                .boxed_stream()
        }
        4 => watched(
            "bound arms",
            chain!(i64 => inner | measure | match {
                Size::Small(n) => inc,
                Size::Large { value, by } => less,
            }),
        )
        .boxed_stream(),
        5 => watched("retry", inner.clone().retry(patient())).boxed_stream(),
        6 => watched("retried step", chain!(i64 => inner | picky.retry(patient()) | inc)).boxed_stream(),
        7 => watched("fallback", chain!(i64 => inner | picky.fallback(inc)).fallback(later)).boxed_stream(),
        8 => watched("told fallback", chain!(i64 => inner | picky.fallback_with_error(excuse))).boxed_stream(),
        9 => watched("items", chain!(i64 => inner | spread | chain!(i64 => inc | later).map() | total)).boxed_stream(),
        10 => {
            let routes = Router::new([("inner", inner), ("inc", watched("route", inc).boxed())]);
            watched("router", chain!(i64 => <key: |n| if n % 2 == 0 { "inc" } else { "inner" }, input: _> | routes))
                .boxed_stream()
        }
        11 => watched("nested", chain!(i64 => inner | nested)).boxed_stream(),
        12 => watched("spawned", chain!(i64 => inner | later.spawned() | chain!(i64 => inc | nested).spawned()))
            .boxed_stream(),
        13 => watched("pair", chain!(i64 => <a: inner, b: later> as Pair | of_pair)).boxed_stream(),
        14 => watched("plain", chain!(i64 => <b: later, a: inner> as Plain | of_plain)).boxed_stream(),
        15 => watched(
            "choice",
            chain!(i64 => inner | chain!(i64 => |n| if n > 0 { inc.boxed() } else { later.boxed() }).then_run()),
        )
        .boxed_stream(),
        16 => watched("lazy", chain!(i64 => inner | lazy(|| chain!(i64 => later | inc)))).boxed_stream(),
        17 => watched("settled", chain!(i64 => inner | <a?: picky, b: inc> | |r| r.a.unwrap_or(0).wrapping_add(r.b)))
            .boxed_stream(),
        18 => watched("timed", chain!(i64 => inner | later.timeout(ms(500)).tap(|_| ()))).boxed_stream(),
        19 => watched("configured", chain!(i64 => inner | later.with_config(Config::new().tag("t")) | blocks))
            .boxed_stream(),
        20 => {
            watched("deep", chain!(i64 => inner | <x: <a: inc, b: later> | sum, y: match { _ => inc }> | |r| r.x ^ r.y))
                .boxed_stream()
        }
        21 => watched("race", chain!(i64 => inner | inc.race(later))).boxed_stream(),
        22 => watched(
            "twelve",
            chain!(i64 => inner | inc | inc | later | inc | inc | inc | inc | later | inc | inc | inc | inc | inc),
        )
        .boxed_stream(),
        _ => chain!(i64 => inner | |n| n.wrapping_add(3) | _).boxed_stream(),
    }
}

const KINDS: u8 = 24;

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Event>>>);

impl Observer for Seen {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// Compares all events of some runs with what was written down in them.
fn check(events: &[Event], notes: &Notes) -> Result<usize, TestCaseError> {
    let written = std::mem::take(&mut *notes.0.lock().unwrap());
    let mut by_name: HashMap<String, Vec<Call>> = HashMap::new();
    let mut open: HashMap<RunId, &Event> = HashMap::new();
    let mut checked = 0;
    for event in events {
        let (run, name) = (event.run.id(), event.run.name());
        let call = written.by_run.get(&run);
        match &event.kind {
            EventKind::Start { input } => {
                prop_assert!(open.insert(run, event).is_none(), "{name} begins twice");
                if let (Some((got, _)), Some(input)) = (call, input) {
                    prop_assert!(got.is_null() || **input == *got, "{name} got {got}, its start says {input}");
                }
                if let Some(parent) = event.run.parent() {
                    prop_assert!(open.contains_key(&parent.id()), "{name} begins outside {}", parent.name());
                }
            }
            EventKind::Stream { .. } | EventKind::Custom { .. } => {
                prop_assert!(open.contains_key(&run), "{name} is told of after its end");
            }
            EventKind::End { input, .. } | EventKind::Error { input, .. } => {
                prop_assert!(open.remove(&run).is_some(), "{name} ends without a start, or twice");
                for inside in open.values() {
                    prop_assert!(!inside.run.parents().contains(&run), "{} outlives {name}", inside.run.name());
                }
                let gave = match &event.kind {
                    EventKind::End { output, .. } => Ok(output.as_deref().cloned()),
                    EventKind::Error { error, .. } => Err(error),
                    _ => continue,
                };
                if let Err(error) = &gave
                    && *error.kind() == ErrorKind::Cancelled
                {
                    // What was stopped on the way gave nothing, and maybe got no further than its start.
                    continue;
                }
                let gave = gave.map_err(|error| error.message().to_owned());
                if let Some((got, given)) = call {
                    checked += 1;
                    let gave = gave.clone().map(|output| output.unwrap_or(Value::Null));
                    prop_assert_eq!(&gave, given, "what {} gave", name);
                    if !got.is_null() {
                        let input = input.as_deref();
                        prop_assert_eq!(input, Some(got), "what {} got", name);
                    }
                }
                if written.by_name.contains_key(name) {
                    let input = input.as_deref().cloned().unwrap_or(Value::Null);
                    let gave = gave.map(|output| output.unwrap_or(Value::Null));
                    by_name.entry(name.to_owned()).or_default().push((input, gave));
                }
            }
            _ => {}
        }
    }
    prop_assert!(open.is_empty(), "never ended: {:?}", open.values().map(|event| event.run.name()).collect::<Vec<_>>());
    for (name, calls) in &written.by_name {
        let mut told = by_name.remove(name).unwrap_or_default();
        let mut calls = calls.clone();
        // The calls of a combinator that is stopped are not written down; those of a map may end in any order.
        told.sort_by_key(|call| format!("{call:?}"));
        calls.sort_by_key(|call| format!("{call:?}"));
        prop_assert_eq!(&told, &calls, "the calls of {}", name);
        checked += calls.len();
    }
    Ok(checked)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn events_say_what_each_step_got_and_gave(input in -60i64..60, kinds in prop::collection::vec(0..KINDS, 1..5)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let chain = kinds.iter().fold(inc.boxed(), |inner, kind| link(*kind, inner));
        runtime.block_on(async {
            let (notes, seen) = (Notes::default(), Seen::default());
            let config = || Config::new().observe(seen.clone()).with(notes.clone());
            let events = || std::mem::take(&mut *seen.0.lock().unwrap());

            let called = chain.invoke_with(input, config()).await;
            prop_assert!(check(&events(), &notes)? > 0);

            let streamed = chain.stream_with(input, config()).assemble(chain.assembler()).await;
            prop_assert!(check(&events(), &notes)? > 0);
            prop_assert_eq!(outcome(&streamed), outcome(&called));

            let results = chain.batch([input, input + 1]).config(config()).await;
            prop_assert!(check(&events(), &notes)? > 0);
            prop_assert_eq!(outcome(&results[0]), outcome(&called));

            let mut stream = chain.events(input).with(Config::new().with(notes.clone()));
            let mut streamed = Vec::new();
            while let Some(event) = stream.next().await {
                streamed.extend(event.ok());
            }
            prop_assert!(check(&streamed, &notes)? > 0);
            Ok(())
        })?;
    }
}
