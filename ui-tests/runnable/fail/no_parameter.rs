#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn now() -> u64 { 0 }

#[runnable]
fn context_only(cx: &Context) -> u64 { 0 }

fn main() {}
