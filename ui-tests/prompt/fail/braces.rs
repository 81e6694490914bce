#![allow(unused)]
use catena::prelude::*;
use catena_llm::prompt;

#[derive(Clone, Record)]
struct Question { text: String, tags: Vec<String> }

fn main() {
    let a = prompt!("Answer: {text");
    let b = prompt!("Answer: text}");
    let c = prompt!("Answer: {text.len()}");
    let d = prompt!("Answer: {} {text}");
    let e = prompt!("Answer: {text:>width$}");
}
