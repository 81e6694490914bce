#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

async fn ask(text: String) -> catena::Result<String> { Ok(text) }

fn main() {
    let chain = chain!(String => shout.await | length);
    let chain = chain!(String => ask(text).await? | length);
}
