#![allow(unused)]
use catena::prelude::*;

#[derive(Record)]
struct Pair(String, String);

#[derive(Record)]
enum Intent { Math, Code }

fn main() {}
