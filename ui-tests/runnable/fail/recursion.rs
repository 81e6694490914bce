use catena::prelude::*;

#[runnable]
fn shorter(text: String) -> String { text[1..].to_owned() }

#[runnable]
fn shorten() -> impl Runnable<String, Output = String> {
    chain!(String => match { s if s.len() > 9 => shorter | shorten(), s => |s: String| s })
}

fn main() { let _ = shorten(); }
