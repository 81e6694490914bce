#![allow(unused)]
use catena_llm::tool;

/// Rolls a die.
#[tool(timout = "5s", retry = 3, name = "roll a die", kind = tool)]
async fn roll(sides: u8) -> u8 { sides }

fn main() {}
