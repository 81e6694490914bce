#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.len() }

fn main() {}
