use catena::prelude::*;
use std::error::Error;

#[runnable]
fn number(text: String) -> Result<u32, Box<dyn Error>> { Ok(text.parse()?) }

fn main() {}
