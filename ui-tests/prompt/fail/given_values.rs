#![allow(unused)]
use catena::prelude::*;
use catena_llm::{Messages, prompt};

#[derive(Clone, Record)]
struct Question { text: String, tags: Vec<String>, count: u32 }

fn main() {
    let a = prompt!("Answer: {text}", lang = "French");
    let b = prompt!("Answer in {lang}: {text}", lang = "French", lang = "English");
    let c = prompt!("In {lang?}: {text}", lang = "French");
    let d = prompt!("Answer {text} or {text?}");
    let e = prompt!(strict, "{}");
    let f = prompt!(system: "Answer in {lang.", user: "{text}", ..history, lang = "French");
}
