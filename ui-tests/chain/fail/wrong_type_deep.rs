use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

fn main() {
    let _ = chain!(String => <a: shout, b: <c: length, d: <e: shout | length | shout>>> | |r| r.a);
}
