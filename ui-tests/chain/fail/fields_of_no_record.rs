#![allow(unused)]
use catena::prelude::*;

#[derive(Clone, Record)]
struct Question { text: String }

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

#[runnable]
fn merge(loud: String, size: usize) -> String { format!("{loud}{size}") }

struct Plain { loud: String, size: usize }

fn main() {
    let chain = chain!(Plain => merge | length);
}
