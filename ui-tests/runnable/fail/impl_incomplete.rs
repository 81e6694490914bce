#![allow(unused)]
use catena::prelude::*;

struct Shout;

#[runnable]
impl Runnable<String> for Shout {
    async fn run(&self, text: String) -> String { text.to_uppercase() }
}

fn main() {}
