//! A chain in a page of a browser, and in Node: `examples/browser/build` makes a module of JavaScript from it.
//!
//! Timeouts, retries with their delays, and tasks work by the timers of the page. Nothing can block there.
#![cfg(target_family = "wasm")]
#![forbid(unsafe_code)]

use catena::{Error, Retry, prelude::*};
use futures_util::{Stream, TryStreamExt};
use std::time::Duration;
use wasm_bindgen::{JsError, JsValue, prelude::wasm_bindgen};
use wasmtimer::tokio::sleep;

/// Counts words.
#[runnable]
fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Fails the first time it is called, as a server that is busy does.
#[runnable]
async fn shout(text: String) -> catena::Result<String> {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    static CALLS: AtomicU32 = AtomicU32::new(0);
    sleep(Duration::from_millis(5)).await;
    if CALLS.fetch_add(1, Relaxed) == 0 {
        return Err(Error::msg("busy").with_retryable(true));
    }
    Ok(text.to_uppercase())
}

/// Takes longer than it may.
#[runnable]
async fn slow(text: String) -> String {
    sleep(Duration::from_secs(600)).await;
    text
}

/// Writes a line about the three.
#[runnable]
fn report(words: usize, loud: String, late: catena::Result<String>) -> String {
    let late = late.map_or_else(|error| error.to_string(), |text| text);
    format!("{loud} has {words} words; {late}")
}

/// Gives a line word by word.
#[runnable]
fn by_word(line: String) -> impl Stream<Item = String> {
    let words: Vec<_> = line.split_inclusive(' ').map(str::to_owned).collect();
    futures_util::stream::iter(words)
}

/// Three branches at once, one in a task of its own, and one that comes too late.
#[runnable]
fn example() -> impl Runnable<String, Output = String, Chunk = String> {
    chain!(String =>
        <
            words: words.spawned(),
            loud: shout.retry(Retry::attempts(3).base(Duration::from_millis(10))),
            late?: slow.timeout(Duration::from_millis(50)),
        >
        | report
        | by_word
    )
}

/// Resolves to the answer of the chain.
///
/// # Errors
/// The error of the chain, as text.
#[wasm_bindgen]
pub async fn invoke(text: String) -> Result<String, JsError> {
    Ok(example().invoke(text).await?)
}

/// Calls a function with each chunk of the answer.
///
/// # Errors
/// The error of the chain, as text.
#[wasm_bindgen]
pub async fn stream(text: String, chunk: js_sys::Function) -> Result<(), JsValue> {
    let chain = example();
    let mut chunks = chain.stream(text);
    while let Some(text) = chunks.try_next().await.map_err(|error| JsError::from(error))? {
        chunk.call1(&JsValue::NULL, &text.into())?;
    }
    Ok(())
}

/// Returns the drawing of the chain, as SVG.
#[wasm_bindgen]
pub fn graph() -> String {
    example().graph().svg()
}

/// Tries to wait for the answer, which no program can in a page.
///
/// # Errors
/// Always.
#[wasm_bindgen]
pub fn wait(text: String) -> Result<String, JsError> {
    Ok(example().invoke_blocking(text)?)
}
