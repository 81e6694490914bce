#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: &mut String) { text.make_ascii_uppercase(); }

fn main() {}
