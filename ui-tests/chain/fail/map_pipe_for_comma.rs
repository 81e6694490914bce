#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }
#[runnable]
fn merge(loud: String, size: usize) -> String { format!("{loud}{size}") }

fn main() {
    let chain = chain!(String => <loud: shout | size: length> | merge);
}
