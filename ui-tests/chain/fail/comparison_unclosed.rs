#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

fn main() {
    let chain = chain!(usize => <big: |n| n > 3 | |r| r.big);
}
