#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

const LONG: bool = true;

fn main() {
    let chain = chain!(String => if LONG { shout | length } else { length });
}
