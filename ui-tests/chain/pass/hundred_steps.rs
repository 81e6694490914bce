//! A hundred steps need no `recursion_limit`.
use catena::prelude::*;

#[runnable]
fn next(number: u32) -> u32 { number + 1 }

fn ten() -> impl Runnable<u32, Output = u32> {
    chain!(u32 => next | next | next | next | next | next | next | next | next | next)
}

fn main() {
    let chain = chain!(u32 =>
        next | next | next | next | next | next | next | next | next | next
        | next | next | next | next | next | next | next | next | next | next
        | next | next | next | next | next | next | next | next | next | next
        | next | next | next | next | next | next | next | next | next | next
        | next | next | next | next | next | next | next | next | next | next
        | next | next | next | next | next | next | next | next | next | next
        | next | next | next | next | next | next | next | next | next | next
        | next | next | next | next | next | next | next | next | next | next
        | next | next | next | next | next | next | next | next | next | next
        | next | next | next | next | next | next | next | next | next | next
    );
    assert_eq!(chain.invoke_blocking(0).ok(), Some(100));
    assert_eq!(ten().invoke_blocking(0).ok(), Some(10));
}
