#![allow(unused)]
use catena::prelude::*;
use catena_llm::prompt;

#[derive(Clone, Record)]
struct Question { text: String, tags: Vec<String> }

fn main() {
    let chain = chain!(Question => prompt!("Answer: {txt}") | |p| p.len());
}
