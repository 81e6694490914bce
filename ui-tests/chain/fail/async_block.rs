#![allow(unused)]
use catena::prelude::*;

#[derive(Clone, Record)]
struct Question { text: String, pair: (u32, String), list: Vec<String>, maybe: Option<u32> }

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

fn main() {
    let chain = chain!(String => shout | async move { 3 } | |n| n + 1);
}
