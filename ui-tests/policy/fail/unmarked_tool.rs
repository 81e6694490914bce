use catena::{assert_chain, policy, prelude::*};

#[runnable(kind = tool)]
async fn order(item: String) -> String { item }

#[runnable]
fn buy() -> impl Runnable<String> { chain!(String => order).retry(3) }
assert_chain!(fn buy, policy::unmarked_tool_retry);

fn main() {
    let chain = chain!(String => order.retry(3));
    assert_chain!(chain, policy::unmarked_tool_retry);
}
