#![allow(unused)]
use catena::prelude::*;

#[runnable]
struct Shout;

fn main() {}
