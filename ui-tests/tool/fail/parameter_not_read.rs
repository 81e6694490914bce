#![allow(unused)]
use catena_llm::tool;

struct Die { sides: u8 }

/// Rolls a die.
#[tool]
fn roll(die: Die) -> u8 { die.sides }

fn main() {}
