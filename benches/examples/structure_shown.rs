//! The same program, which also shows its chain's structure: see `structure_size.sh`.

#[path = "structure/chain.rs"]
mod chain;

use catena::{Node, RunnableExt, Step};

const fn built<S: Step>(_: &impl Fn() -> S) -> &'static Node {
    &S::NODE
}

fn main() {
    let question = std::env::args().next().unwrap_or_default();
    println!("{:?}", chain::compare().invoke_blocking(question));
    println!("{:?}", built(&chain::compare));
}
