#![allow(unused)]
use catena::prelude::*;

#[derive(Clone, Record)]
struct Question { text: String }

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

struct Ticket(u32);

fn main() {
    let chain = chain!(Ticket => <a: |t: Ticket| t.0, b: |t: Ticket| t.0 + 1>);
}
