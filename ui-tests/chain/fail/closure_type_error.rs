#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

fn stars(count: u32) -> String { "*".repeat(count as usize) }

fn main() {
    let chain = chain!(String => length | |n| stars(n) | |n| n);
}
