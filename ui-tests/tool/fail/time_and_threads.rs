#![allow(unused)]
use catena_llm::tool;

/// Rolls a die.
#[tool(timeout = "5s")]
fn roll(sides: u8) -> u8 { sides }

/// Rolls a die.
#[tool(blocking)]
async fn roll_slowly(sides: u8) -> u8 { sides }

fn main() {}
