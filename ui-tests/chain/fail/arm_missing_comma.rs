#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

fn main() {
    let chain = chain!(Option<String> => match {
        Some(text) => shout | |text| text + "!"
        None => |_| String::new(),
    } | length);
}
