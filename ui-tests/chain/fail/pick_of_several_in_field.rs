#![allow(unused)]
use catena::prelude::*;

#[derive(Clone)]
enum Urgency { Critical, Low(u8) }
#[derive(Clone, Record)]
struct Verdict { urgency: Urgency, text: String }
#[derive(Clone, Record)]
struct Ticket { verdict: Verdict }

#[runnable]
fn page(ticket: Ticket) -> String { ticket.verdict.text }

fn main() {
    let chain = chain!(Ticket => .verdict.{urgency, text} | |r| r.text);
}
