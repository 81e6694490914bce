#![allow(unused)]
use catena::prelude::*;

#[derive(Clone, Record)]
struct Question { text: String }

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

#[runnable]
fn merge(loud: String, size: usize, extra: bool) -> String { format!("{loud}{size}{extra}") }

fn main() {
    let chain = chain!(String => <loud: shout, size: length> | merge | length);
}
