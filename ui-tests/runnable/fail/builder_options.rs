#![allow(unused)]
use catena::prelude::*;

#[runnable(retry = 3, tags("a"))]
fn build() -> impl Runnable<String, Output = usize> {
    chain!(String => |text| text.len())
}

fn main() {}
