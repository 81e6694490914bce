//! Streams: g13, g17.

use crate::events::events;
use catena::{Chunks, Config, Error, Result, Runnable, generator, prelude::*};
use catena_tests::{ms, recording};
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
    let g13 = recording("g13_stream_parallel");
    let (x, y) = (counted("x", 3, 100), counted("y", 2, 250));
    let chain = chain!(String => <x: x, y: y, z: _>);
    let (ours, _) = events(&chain, "in".to_owned(), Config::new()).await;
    let chunks: Vec<&Value> = ours.iter().filter(|e| e.run.parent().is_none()).filter_map(|e| e.chunk()).collect();
    assert_eq!(json!(chunks), g13["astream_chunks"]);
    let whole = serde_json::to_value(chain.invoke("in".into()).await.unwrap()).unwrap();
    assert_eq!(whole, g13["invoke"]);
    assert_eq!(ours.last().unwrap().output(), Some(&whole));
}

/// Three pieces, of which one fails.
fn fails(
    name: &'static str,
    at: Option<usize>,
    n: usize,
) -> impl Runnable<String, Output = String, Chunk = String> + Clone {
    generator(move |pieces: Chunks<'_, String>| {
        Chunks::new(
            pieces
                .map_ok(move |_| {
                    stream::iter((0..n).map(move |i| {
                        if at == Some(i) { Err(Error::msg(format!("{name}@{i}"))) } else { Ok(format!("{name}{i}")) }
                    }))
                })
                .try_flatten(),
        )
    })
}

/// The chunks, and the error that ends them.
async fn run(chain: impl Runnable<String, Chunk = String>) -> Value {
    let mut chunks = chain.stream("x".to_owned());
    let (mut all, mut error) = (Vec::new(), None);
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => all.push(chunk),
            Err(failed) => error = Some(json!({ "$exc": "ValueError", "msg": failed.message() })),
        }
    }
    json!([all, error])
}

#[tokio::test]
async fn g17_fallback() {
    let g17 = recording("g17_stream_fallback");
    let case = |name: &str| g17["cases"][name]["astream"].clone();
    assert_eq!(run(fails("p", None, 3).fallback(fails("f", None, 3))).await, case("primary_ok"));
    assert_eq!(run(fails("p", Some(0), 3).fallback(fails("f", None, 3))).await, case("fail_before_first"));
    assert_eq!(run(fails("p", Some(1), 3).fallback(fails("f", None, 3))).await, case("fail_after_first (no switch)"));
    let all = fails("p", Some(0), 3).fallback(fails("f", Some(0), 3)).fallback(fails("h", Some(0), 3));
    assert_eq!(run(all).await, case("all_fail (first error raised)"));
    // An empty stream is a success.
    assert_eq!(run(fails("p", None, 0).fallback(fails("f", None, 3))).await, json!([[], null]));
}
