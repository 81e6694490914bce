#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn gpt(text: String) -> String { text }

// The step `gpt` is a unit struct: a parameter in the same module cannot have its name.
#[runnable]
fn consensus(gpt: String, claude: String) -> String { format!("{gpt}{claude}") }

fn main() {
    let chain = chain!(String => <gpt: gpt, claude: |text| text> | consensus);
}
