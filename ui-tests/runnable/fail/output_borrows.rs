#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn first<'a>(text: &'a str) -> &'a str { text }

fn main() {}
