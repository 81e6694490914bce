//! How chunks go through steps: picks, g15; which steps stream and which wait, g16.

use super::events::events;
use catena::{BoxRunnable, Chunks, Concat, Config, Gather, Gathered, Passthrough, Result, generator, prelude::*};
use catena_tests::{Cases, ms};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// Texts that come at these times. The assembler is said because a pick passes on the chunks of what it knows.
fn at(
    texts: &'static [(u64, &'static str)],
) -> impl Runnable<String, Output = String, Chunk = String, Assembler = Concat> {
    generator(move |input: Chunks<'_, String>| {
        let texts = stream::iter(texts).then(|(millis, text)| async move {
            tokio::time::sleep(ms(*millis)).await;
            Ok((*text).to_owned())
        });
        drop(input);
        Chunks::new(texts)
    })
}

/// The chunks of a run, as its events tell them.
async fn chunks<In: Send, R: Runnable<In>>(chain: &R, input: In) -> Value {
    let (events, _) = events(chain, input, Config::new()).await;
    events.iter().filter(|event| event.run.parent().is_none()).filter_map(catena::Event::chunk).cloned().collect()
}

#[tokio::test(start_paused = true)]
async fn g15_pick() {
    let mut g15 = Cases::of("g15_stream_pick", "/cases");
    // A chunk of a map has one field; the recording's last one has two.
    macro_rules! source_then {
        ($($pick:tt)+) => {
            chain!(String => <a: at(&[(0, "A1"), (20, "A2")]), b: at(&[(10, "B1")]), c: |_| None::<String>> | $($pick)+)
        };
    }
    let input = || "x".to_owned();
    let one_two = || record! { a: 1, b: 2 };
    let streamed = chunks(&source_then!(.a), input()).await;
    let invoked = json!(chain!({ a: i64, b: i64 } => .a).invoke(one_two()).await.unwrap());
    g15.same("str", &json!({ "keys": "a", "stream": streamed, "invoke_on_{a:1,b:2}": invoked }));
    let streamed = chunks(&source_then!(.{ a }), input()).await;
    let invoked = json!(chain!({ a: i64, b: i64 } => .{ a }).invoke(one_two()).await.unwrap());
    g15.same("list_one", &json!({ "keys": ["a"], "stream": streamed, "invoke_on_{a:1,b:2}": invoked }));
    let streamed = chunks(&source_then!(.{ a, b }), input()).await;
    let invoked = json!(chain!({ a: i64, b: i64 } => .{ a, b }).invoke(one_two()).await.unwrap());
    g15.same("list_two", &json!({ "keys": ["a", "b"], "stream": streamed, "invoke_on_{a:1,b:2}": invoked }));
    let streamed = chunks(&source_then!(.c), input()).await;
    g15.differs(
        "none_valued",
        "a field that is `None`",
        &json!({ "keys": "c", "stream": streamed, "invoke_on_{a:1,b:2}": null }),
        &json!({ "keys": "c", "stream": [null], "invoke_on_{a:1,b:2}": null }),
    );
    g15.refused("missing", "a wrong wire", "chain/unknown_field_picked");
    g15.refused("list_missing", "a wrong wire", "chain/unknown_field_picked");
    g15.refused("non_dict", "a wrong wire", "chain/fields_of_no_record");
}

/// What happens in which order: `src` for the chunks that the first step gives, `out` for those that arrive.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Value>>>);

impl Log {
    fn add(&self, side: &str, value: &impl serde::Serialize) {
        self.0.lock().unwrap().push(json!([side, value]));
    }

    /// A step that gives these chunks.
    fn source<T>(&self, items: Vec<T>) -> impl Runnable<String, Output = Gathered<T>, Chunk = T> + use<T>
    where
        T: Gather + Clone + Sync + serde::Serialize,
    {
        let log = self.clone();
        generator(move |input: Chunks<'_, String>| {
            let (log, items) = (log.clone(), items.clone());
            drop(input);
            Chunks::new(stream::iter(items).map(move |item| {
                log.add("src", &item);
                Ok(item)
            }))
        })
    }

    /// Runs a chain that begins with a source; what was logged, and what came out.
    async fn of<R: Runnable<String>>(self, chain: R, json: impl Fn(R::Chunk) -> Value) -> Value {
        let mut arriving = chain.stream("abc".to_owned());
        let mut out = Vec::new();
        while let Some(chunk) = arriving.try_next().await.unwrap() {
            let chunk = json(chunk);
            self.add("out", &chunk);
            out.push(chunk);
        }
        json!({ "log": *self.0.lock().unwrap(), "chunks": out })
    }
}

/// Letters, as text.
fn letters() -> Vec<String> {
    ["a", "b", "c"].map(String::from).to_vec()
}

#[runnable]
fn up(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    text.map_ok(|piece| piece.to_uppercase())
}

/// Takes the whole, gives pieces.
#[runnable]
fn letter_by_letter(text: String) -> impl Stream<Item = Result<String>> {
    stream::iter(text.chars().map(|letter| Ok(letter.to_uppercase().to_string())).collect::<Vec<_>>())
}

struct Exclaim;

#[runnable]
impl Runnable<String> for Exclaim {
    type Output = String;
    async fn call(&self, input: String, _cx: &Context) -> Result<String> {
        Ok(input + "!")
    }
}

#[runnable]
fn choose_up(_text: &str) -> BoxRunnable<String, String> {
    up.boxed()
}

#[runnable(kind = parser)]
fn text_parser(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    text
}

#[tokio::test]
async fn g16_blocking() {
    let mut g16 = Cases::of("g16_stream_blocking", "/cases");
    // `src:"a"` as a pair.
    let recorded = |mut case: Value| {
        for line in case["log"].as_array_mut().unwrap() {
            let (side, value) = line.as_str().unwrap().split_once(':').unwrap();
            *line = json!([side, serde_json::from_str::<Value>(value).unwrap()]);
        }
        case
    };
    // What happens where these chunks go into a step.
    macro_rules! into {
        ($chunks:expr, $json:expr => $($step:tt)+) => {{
            let log = Log::default();
            let source = log.source($chunks);
            log.of(chain!(String => source | $($step)+), $json).await
        }};
    }
    macro_rules! same {
        ($case:literal: $($step:tt)+) => {
            assert_eq!(into!(letters(), |chunk| json!(chunk) => $($step)+), recorded(g16.take($case)), $case)
        };
    }
    same! { "RunnablePassthrough (streams through)": _ }
    same! { "RunnableGenerator (streams through)": up }
    same! { "RunnableLambda (blocks: waits for all, sums with +)": |text| text.to_uppercase() }
    same! { "RunnableLambda over generator function (blocks on input, streams output)": letter_by_letter }
    same! { "custom Runnable with only invoke (default transform: blocks, sums)": Exclaim }
    same! { "@chain returning a runnable (blocks on input, then streams inner)": choose_up.then_run() }
    same! { "RunnableBranch (no transform: blocks on input, streams chosen branch)": match { _ => letter_by_letter } }
    same! { "with_fallbacks (no transform: blocks on input, then streams)": letter_by_letter.fallback(Passthrough) }
    same! { "with_config over generator (binding: streams through)": up.with_config(Config::new().tag("t")) }
    same! { "StrOutputParser (streams through)": text_parser }
    let case = "RunnableParallel{g: generator, p: passthrough}";
    let ours = into!(letters(), |chunk| json!({ "g": chunk.g() }) => <g: up>);
    assert_eq!(ours, recorded(g16.take(case)), "{case}");
    g16.differs(
        "with_retry over generator (binding: streams through)",
        "retry in a stream",
        &into!(letters(), |chunk| json!(chunk) => up.retry(3)),
        &json!({ "log": [["src", "a"], ["src", "b"], ["src", "c"], ["out", "ABC"]], "chunks": ["ABC"] }),
    );
    let lists = vec![vec!["a".to_owned()], vec!["b".to_owned(), "c".to_owned()]];
    g16.differs(
        "map()/RunnableEach over lambda; chunks are lists -> summed lists",
        "the stream of a `.map()`",
        &into!(lists, |chunk| json!(chunk) => (chain!(String => |text| text.to_uppercase())).map()),
        &json!({
            "log": [["src", ["a"]], ["src", ["b", "c"]], ["out", [0, "A"]], ["out", [1, "B"]], ["out", [2, "C"]]],
            "chunks": [[0, "A"], [1, "B"], [2, "C"]],
        }),
    );
    g16.differs(
        "lambda after non-addable chunks (ints are added!)",
        "merging chunks",
        &into!(vec![1, 2, 3], |chunk| json!(chunk) => |numbers| numbers),
        &json!({ "log": [["src", 1], ["src", 2], ["src", 3], ["out", [1, 2, 3]]], "chunks": [[1, 2, 3]] }),
    );
    let objects = vec![json!({ "a": 1 }), json!({ "b": 2 })];
    g16.differs(
        "lambda after dict chunks (plain dicts not addable: last one wins)",
        "merging chunks",
        &into!(objects.clone(), |chunk| json!(chunk) => |objects| objects),
        &json!({ "log": [["src", { "a": 1 }], ["src", { "b": 2 }], ["out", objects]], "chunks": [objects] }),
    );
    g16.elsewhere("JsonOutputParser (streams partial objects)", "messages, their history, parsers of JSON");
}
