#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }
#[runnable]
fn merge(loud: String, size: usize) -> String { format!("{loud}{size}") }

#[derive(Record)]
struct Answers { loud: String, size: usize }

fn main() {
    let chain = chain!(merge | length);
    let _ = chain.invoke(Answers { loud: String::new(), size: 1 });
}
