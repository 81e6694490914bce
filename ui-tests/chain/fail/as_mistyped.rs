#![allow(unused)]
use catena::prelude::*;

#[derive(Clone, Record)]
struct Question { text: String }

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

struct Answers { loud: String, size: String }

fn main() {
    let chain = chain!(String => <loud: shout, size: length> as Answers);
}
