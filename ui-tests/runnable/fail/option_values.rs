#![allow(unused)]
use catena::prelude::*;

#[runnable(retry = "3")]
fn tried(text: String) -> String { text }
#[runnable(timeout = 5)]
fn timed(text: String) -> String { text }
#[runnable(tags = ["a"])]
fn tagged(text: String) -> String { text }

fn main() {}
