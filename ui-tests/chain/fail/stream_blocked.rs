use catena::{assert_streams, prelude::*};
use futures_util::{Stream, StreamExt};

#[runnable]
fn words(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
    text.map(|piece| piece)
}
#[runnable]
fn length(text: &str) -> String { text.len().to_string() }

#[runnable]
fn blocked() -> impl Runnable<String, Output = String> {
    chain!(String => length | words | length | words)
}
assert_streams!(fn blocked);

#[runnable]
fn whole() -> impl Runnable<String, Output = String> {
    chain!(String => length | |text| text + "!")
}
assert_streams!(fn whole);

fn main() {}
