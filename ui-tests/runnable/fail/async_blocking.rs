#![allow(unused)]
use catena::prelude::*;

#[runnable(blocking)]
async fn shout(text: String) -> String { text.to_uppercase() }

fn main() {}
