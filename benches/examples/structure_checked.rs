//! The same program, whose chain's structure is asked at compile time: see `structure_size.sh`.

#[path = "structure/chain.rs"]
mod chain;

use catena::{Kind, Node, RunnableExt, Step, assert_chain, policy};

assert_chain!(fn chain::compare, policy::unbounded_retry, policy::unmarked_tool_retry, policy::more_models_than::<3>);
assert_chain!(fn chain::compare, policy::opaque_step);

const fn built<S: Step>(_: &impl Fn() -> S) -> Node {
    S::NODE
}

const COMPARE: Node = built(&chain::compare);

fn main() {
    const { assert!(COMPARE.steps() == 8 && COMPARE.count(Kind::Model) == 4 && COMPARE.contains("search")) };
    let question = std::env::args().next().unwrap_or_default();
    println!("{:?}", chain::compare().invoke_blocking(question));
}
