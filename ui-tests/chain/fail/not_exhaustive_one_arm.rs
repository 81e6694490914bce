#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

enum Intent { Code(String), Other }

fn main() {
    let chain = chain!(Intent => match { Intent::Code(text) => length } | |n| n + 1);
}
