#![allow(unused)]
use catena::prelude::*;

struct Mine;

#[runnable]
fn shout(text: String) -> Result<String, Mine> { Err(Mine) }

fn main() {}
