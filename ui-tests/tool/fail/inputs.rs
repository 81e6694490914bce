#![allow(unused)]
use catena_llm::tool;

/// Rolls a die.
#[tool]
fn roll<T>(sides: T) -> u8 { 1 }

/// Rolls some dice.
#[tool]
fn roll_all((sides, times): (u8, u8), names: &mut Vec<String>, how: Option<&str>) -> u8 { 1 }

struct Dice;

impl Dice {
    /// Rolls this one.
    #[tool]
    fn roll(&self) -> u8 { 1 }
}

fn main() {}
