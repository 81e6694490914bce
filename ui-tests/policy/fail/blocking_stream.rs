use catena::prelude::*;
use futures_util::{Stream, StreamExt};

#[runnable]
fn words(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
    text.map(|piece| piece)
}
#[runnable]
fn length(text: &str) -> String { text.len().to_string() }

#[runnable(deny(blocking_stream, opaque_step))]
fn blocked() -> impl Runnable<String> {
    chain!(String => words | length | words.boxed())
}

fn main() { blocked(); }
