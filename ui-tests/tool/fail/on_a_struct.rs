#![allow(unused)]
use catena_llm::tool;

/// A die.
#[tool]
struct Die { sides: u8 }

fn main() {}
