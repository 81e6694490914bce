#![allow(unused)]
use catena_llm::tool;

struct Die { sides: u8 }

/// Makes a die.
#[tool]
fn make(sides: u8) -> Die { Die { sides } }

fn main() {}
