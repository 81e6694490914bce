#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

fn stars(n: usize) -> String { "*".repeat(n) }

fn main() {
    let chain = chain!(String => length | |n| n + 1.retry(3));
    let chain = chain!(String => length | |n: usize| stars(n).retry(3) | length);
    let chain = chain!(String => (|text| text + "!").retry(3) | length);
}
