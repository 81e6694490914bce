#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

fn main() {
    let chain = chain!(String => <size: length, long: length > 3> | |r| r.size);
}
