#![allow(unused)]
use catena::prelude::*;
use catena_llm::prompt;

#[derive(Clone, Record)]
struct Question { text: String, tags: Vec<String> }

fn main() {
    let a = prompt!(system: "be kind", usr: "{text}");
    let b = prompt!("Answer: {text}", text);
    let c = prompt!();
}
