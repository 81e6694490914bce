#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

const polite: bool = true;

fn main() {
    let chain = chain!(String => if polite { shout } | length);
}
