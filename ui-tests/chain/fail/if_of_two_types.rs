#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

const LONG: bool = true;

fn main() {
    // What compiles is `match { text if LONG => shout | length, _ => length }`.
    let chain = chain!(String => if LONG { shout } else { length });
}
