use catena::prelude::*;
use futures_util::{Stream, StreamExt};

#[runnable]
fn bare(text: impl Stream<Item = String> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
    text.map(Ok)
}

#[runnable]
fn joined(text: impl Stream<Item = catena::Result<String>> + Send) -> String { String::new() }

#[runnable]
fn two(text: String, lang: String) -> impl Stream<Item = String> { futures_util::stream::iter([text, lang]) }

#[runnable]
fn borrowed(text: &str) -> impl Stream<Item = String> { futures_util::stream::iter([text.to_owned()]) }

#[runnable(retry = 3)]
fn options(text: String) -> impl Stream<Item = String> { futures_util::stream::iter([text]) }

fn main() {}
