#![allow(unused)]
use catena::prelude::*;

#[runnable(timeout = "5 parsecs", kind = modell, retry(attempt = 3))]
fn shout(text: String) -> String { text.to_uppercase() }

fn main() {}
