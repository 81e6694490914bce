#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }

fn main() {
    let chain = chain!(String => shout.retry("3") | shout);
}
