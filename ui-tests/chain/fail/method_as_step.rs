#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

struct Desk { greeting: String }

impl Desk {
    fn greet(&self, name: String) -> String { format!("{} {name}", self.greeting) }

    // What compiles is `|name| self.greet(name)`.
    fn chain(&self) -> impl Runnable<String, Output = usize> { chain!(String => self.greet | length) }
}

fn main() {
    
}
