use catena::prelude::*;

#[runnable]
fn area((width, height): (u32, u32), scale: u32) -> u32 {
    width * height * scale
}

fn main() {}
