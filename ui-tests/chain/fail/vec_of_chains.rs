//! Two chains in a `Vec`, which have two types.

use catena::prelude::*;

#[runnable]
fn trim(text: String) -> String {
    text.trim().to_owned()
}

#[runnable]
fn shout(text: String) -> String {
    text.to_uppercase()
}

fn main() {
    let steps = vec![chain!(String => trim), chain!(String => shout)];
    let _ = steps.len();
}
