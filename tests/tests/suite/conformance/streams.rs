//! Streams: g13, g17.

use super::{
    events::events,
    python::{Raised, exception, outcome},
};
use catena::{Chunks, Config, Error, Failed, Result, Runnable, generator, prelude::*};
use catena_tests::{Cases, ms};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

/// `n` pieces for each one that comes, so much apart.
fn counted(tag: &'static str, n: usize, apart: u64) -> impl Runnable<String, Output = String, Chunk = String> {
    generator(move |pieces: Chunks<'_, String>| {
        Chunks::new(
            pieces
                .map_ok(move |_| {
                    stream::iter((0..n).map(Ok)).then(move |at: Result<usize>| async move {
                        tokio::time::sleep(ms(apart)).await;
                        at.map(|at| format!("{tag}{at}"))
                    })
                })
                .map_ok(Box::pin)
                .try_flatten(),
        )
    })
}

#[tokio::test(start_paused = true)]
async fn g13_parallel() {
    let mut g13 = Cases::of("g13_stream_parallel", "");
    let input: String = serde_json::from_value(g13.take("input")).unwrap();
    let (x, y) = (counted("x", 3, 100), counted("y", 2, 250));
    let chain = chain!(String => <x: x, y: y, z: _>);
    let (ours, _) = events(&chain, input.clone(), Config::new()).await;
    let chunks: Value = ours.iter().filter(|e| e.run.parent().is_none()).filter_map(|e| e.chunk()).cloned().collect();
    g13.same("astream_chunks", &chunks);
    g13.same("stream_chunks", &chunks);
    g13.same("invoke", &serde_json::to_value(chain.invoke(input).await.unwrap()).unwrap());
    g13.same("accumulated", ours.last().unwrap().output().unwrap());
    let blocking = chain!(i64 => <a: |x| x + 1, b: |x| x * 2>);
    let (ours, _) = events(&blocking, 3, Config::new()).await;
    let mut chunks: Vec<String> =
        ours.iter().filter(|e| e.run.parent().is_none()).filter_map(|e| e.chunk()).map(Value::to_string).collect();
    chunks.sort();
    let theirs = g13.take("blocking_branches_stream_sorted");
    let theirs: Vec<String> =
        theirs.as_array().unwrap().iter().map(|chunk| chunk.as_str().unwrap().replace(' ', "")).collect();
    assert_eq!(chunks, theirs);
    for case in ["empty_parallel_invoke", "empty_parallel_stream"] {
        g13.refused(case, "a parallel map without fields", "chain/empty_map");
    }
}

/// Pieces, of which one fails with an error of this class.
fn fails(
    class: &'static str,
    name: &'static str,
    at: Option<usize>,
    n: usize,
) -> impl Runnable<String, Output = String, Chunk = String> + Clone {
    generator(move |pieces: Chunks<'_, String>| {
        Chunks::new(
            pieces
                .map_ok(move |_| {
                    stream::iter((0..n).map(move |i| {
                        if at == Some(i) {
                            return Err(Error::other(Raised(class, format!("{name}@{i}"))));
                        }
                        Ok(format!("{name}{i}"))
                    }))
                })
                .try_flatten(),
        )
    })
}

/// The chunks with the error that ends them, and what a call gives.
async fn run(chain: impl Runnable<String, Output = String, Chunk = String>) -> Value {
    let mut chunks = chain.stream("x".to_owned());
    let (mut all, mut error) = (Vec::new(), None);
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => all.push(chunk),
            Err(failed) => error = Some(exception(&failed)),
        }
    }
    drop(chunks);
    let streamed = json!([all, error]);
    json!({ "stream": streamed, "astream": streamed, "invoke": outcome(chain.invoke("x".to_owned()).await) })
}

#[runnable]
fn give_back(failed: Failed<String>) -> Result<String> {
    Err(failed.error)
}

#[tokio::test]
async fn g17_fallback() {
    let mut g17 = Cases::of("g17_stream_fallback", "/cases");
    let fails = |name, at, n| fails("ValueError", name, at, n);
    g17.same("primary_ok", &run(fails("p", None, 3).fallback(fails("f", None, 3))).await);
    g17.same("fail_before_first", &run(fails("p", Some(0), 3).fallback(fails("f", None, 3))).await);
    g17.same("fail_after_first (no switch)", &run(fails("p", Some(1), 3).fallback(fails("f", None, 3))).await);
    let all = fails("p", Some(0), 3).fallback(fails("f", Some(0), 3)).fallback(fails("h", Some(0), 3));
    g17.same("all_fail (first error raised)", &run(all).await);
    // A fallback that is for other errors gives this one back.
    let unhandled = self::fails("KeyError", "p", Some(0), 3).fallback_with_error(give_back);
    g17.same("unhandled_type", &run(unhandled).await);
    g17.differs(
        "empty_primary_stream",
        "an empty stream before a fallback",
        &run(fails("p", None, 0).fallback(fails("f", None, 3))).await,
        &json!({ "stream": [[], null], "astream": [[], null], "invoke": { "ok": "" } }),
    );
}
