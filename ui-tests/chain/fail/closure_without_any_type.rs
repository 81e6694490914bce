#![allow(unused)]
use catena::prelude::*;

fn main() {
    let chain = chain!(|n| n + 1);
}
