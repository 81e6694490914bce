#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }

fn main() {
    let chain = chain!(Option<String> => match { Some(text) -> shout, None => |_| String::new() });
    let chain = chain!(Option<String> => match { Some(text): shout, None => |_| String::new() });
    let chain = chain!(Option<String> => match { Some(text) => shout, None = |_| String::new() });
}
