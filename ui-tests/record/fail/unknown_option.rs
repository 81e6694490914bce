use catena::prelude::*;

#[derive(Record)]
#[record(derives(Eq))]
struct Answers { gpt: String, size: usize }

fn main() {}
