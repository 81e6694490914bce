#![allow(unused)]
use catena::prelude::*;

#[derive(Clone, Record)]
struct Question { text: String }

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

#[runnable]
fn merge(loud: String, size: u8) -> String { format!("{loud}{size}") }

fn main() {
    let chain = chain!(String => <loud: shout, size: length> | merge | length);
}
