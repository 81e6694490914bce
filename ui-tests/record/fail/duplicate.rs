#![allow(unused)]
use catena::prelude::*;

fn main() {
    let record = record! { text: 1, text: 2 };
    let empty = record! {};
}
