#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }

fn main() {
    let chain = chain!(String => match { "yes" | "y" => |_| true, "no" => |_| false } | |yes| yes);
}
