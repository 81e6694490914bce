//! The work that is composed: functions, which are steps of a chain, too. What is measured is what it costs to compose them.

use catena::{Result, prelude::*};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use std::hint::black_box;

#[runnable]
pub fn add(n: u64) -> u64 {
    n.wrapping_add(1)
}

#[runnable]
pub fn triple(n: u64) -> u64 {
    n.wrapping_mul(3)
}

#[runnable]
pub async fn mix(n: u64) -> Result<u64> {
    Ok(n ^ 0x55)
}

/// Waits for its turn once, as anything that asks a server does.
#[runnable]
pub async fn wait(n: u64) -> Result<u64> {
    tokio::task::yield_now().await;
    Ok(n ^ 0x55)
}

#[runnable]
pub fn length(text: &str) -> usize {
    text.len()
}

#[runnable]
pub fn spaces(text: &str) -> usize {
    text.bytes().take(64).filter(|byte| *byte == b' ').count()
}

#[runnable]
pub fn first(text: &str) -> u8 {
    text.bytes().next().unwrap_or_default()
}

/// Shaped like a prompt.
#[runnable]
pub fn prompt(question: String) -> String {
    format!("Answer in one sentence: {question}")
}

/// Shaped like a model, but for the time it takes.
#[runnable]
pub async fn model(prompt: String) -> Result<String> {
    Ok(format!("answer: {prompt}"))
}

/// Shaped like a parser.
#[runnable]
pub fn parse(answer: String) -> Result<usize, std::num::ParseIntError> {
    answer.len().to_string().parse()
}

#[runnable]
pub async fn refuse(n: u64) -> Result<u64> {
    Err(catena::Error::msg(if n == 0 { "nothing" } else { "not now" }))
}

#[runnable]
pub fn source(chunks: u64) -> impl Stream<Item = Result<String>> + Send {
    // An empty text allocates nothing.
    stream::iter((0..chunks).map(|_| Ok(String::new())))
}

#[runnable]
pub fn pass(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    text.map_ok(black_box)
}

/// How many chunks come, and that none is an error.
pub async fn drain<T, E>(chunks: impl Stream<Item = Result<T, E>>) -> u64 {
    let mut chunks = std::pin::pin!(chunks);
    let mut seen = 0;
    while let Some(chunk) = chunks.next().await {
        seen += u64::from(chunk.is_ok());
    }
    seen
}

/// A text of 16 KiB.
pub fn long_text() -> String {
    "lorem ipsum ".repeat(16 * 1024 / 12)
}
