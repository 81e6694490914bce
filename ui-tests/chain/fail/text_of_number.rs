#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

fn main() {
    let chain = chain!(usize => match { "one" => |_| 1, _ => |n| n });
}
