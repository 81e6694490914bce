#![allow(unused)]
use catena::prelude::*;
use catena_llm::{Messages, prompt};

#[derive(Clone, Record)]
struct Question { text: String, tags: Vec<String>, count: u32 }

fn main() {
    let chain = chain!(Question => prompt!(strict, "{text}: {count}") | |p| p.len());
}
