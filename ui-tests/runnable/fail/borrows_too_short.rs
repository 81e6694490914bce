use catena::prelude::*;

#[runnable]
fn first(text: String) -> &'static str { let word = text.trim(); word }

fn main() {}
