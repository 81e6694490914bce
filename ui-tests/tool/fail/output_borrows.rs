#![allow(unused)]
use catena_llm::tool;

/// Names a die.
#[tool]
fn name(sides: String) -> &str { "die" }

fn main() {}
