use catena::{assert_streams, prelude::*};
use futures_util::{Stream, StreamExt};

#[runnable]
fn words(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
    text.map(|piece| piece)
}
#[runnable]
fn length(text: &str) -> String { text.len().to_string() }

#[runnable]
fn streams() -> impl Runnable<String, Output = String> {
    chain!(String => length | words | <a: words, b: _> | .a | words)
}
assert_streams!(fn streams);

fn main() {
    let chain = chain!(String => length | words);
    assert_streams!(chain);
}
