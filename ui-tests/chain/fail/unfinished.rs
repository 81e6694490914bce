#![allow(unused)]
use catena::prelude::*;

#[derive(Clone, Record)]
struct Verdict { text: String }
#[derive(Clone, Record)]
struct Ticket { verdict: Verdict }

mod parser {}

fn main() {
    let _ = chain!(Ticket => . | |text: String| text);
    let _ = chain!(Ticket => .verdict. | |text: String| text);
    let _ = chain!(Ticket => <a: .verdict., b: _>);
    let _ = chain!(String => parser:: | |text: String| text);
}
