use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

fn main() {
    let _ = chain!(Option<u32> => match {
        Some(number) => |n| n + 1,
        None => |_| 0 | length | |n| n as u32,
    });
}
