#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn length(text: &str) -> usize { text.len() }

#[derive(Clone)]
enum Urgency { Critical, Low(u8) }
#[derive(Clone, Record)]
struct Verdict { urgency: Urgency, text: String }
#[derive(Clone, Record)]
struct Ticket { verdict: Verdict }

#[runnable]
fn page(ticket: Ticket) -> String { ticket.verdict.text }

fn main() {
    let chain = chain!(Ticket => match .verdict.urgncy { Urgency::Critical => page, _ => page } | length);
}
