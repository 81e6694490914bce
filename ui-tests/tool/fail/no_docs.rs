#![allow(unused)]
use catena_llm::tool;

#[tool]
fn roll(sides: u8) -> u8 { sides }

fn main() {}
