//! A program that runs a chain and asks nothing of its structure: see `structure_size.sh`.

#[path = "structure/chain.rs"]
mod chain;

use catena::RunnableExt;

fn main() {
    let question = std::env::args().next().unwrap_or_default();
    println!("{:?}", chain::compare().invoke_blocking(question));
}
