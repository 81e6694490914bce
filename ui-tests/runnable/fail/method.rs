#![allow(unused)]
use catena::prelude::*;

struct Service;

impl Service {
    #[runnable]
    fn shout(&self, text: String) -> String { text.to_uppercase() }
}

fn main() {}
