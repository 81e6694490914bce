#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

fn main() {
    let chain = chain!(|text| text.trim().to_owned() | length);
    let chain = chain!(<loud: |text| text.to_uppercase(), size: length> | |r| r.size);
}
