#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn gpt(text: String) -> String { text }

fn main() {
    // The step `gpt` is a unit struct: a variable of a plain function cannot have its name.
    let gpt = 1;
}
