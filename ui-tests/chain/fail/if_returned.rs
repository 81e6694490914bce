#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }
#[runnable]
fn show(count: usize) -> String { count.to_string() }

fn answer(long: bool) -> impl Runnable<String, Output = String> {
    if long { chain!(String => shout | shout) } else { chain!(String => length | show) }
}

fn main() {}
