#![allow(unused)]
use catena::prelude::*;

#[runnable(retries = 3, tag("a"), colour = "red")]
fn shout(text: String) -> String { text.to_uppercase() }

fn main() {}
