#![allow(unused)]
use catena::prelude::*;

#[derive(Clone, Record)]
struct Question { text: String }

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

enum Intent { Math(u32), Code(String), Other }

fn main() {
    let chain = chain!(Intent => match {
        Intent::Math(n) => |n| n.to_string(),
        Intent::Code(text) => shout,
    } | length);
}
