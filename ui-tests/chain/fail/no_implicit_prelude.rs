#![allow(unused)]
#![no_implicit_prelude]
use ::catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

fn main() {
    let chain = chain!(::std::string::String => <size: length>);
}
