#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

enum Urgency { Critical, Low(u8) }
struct Ticket { urgency: Urgency }

fn main() {
    let chain = chain!(Ticket => match .urgency { Urgency::Critical => |_| 0, Urgency::Low(level) => |r| r.level });
}
