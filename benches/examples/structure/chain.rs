//! The chain whose structure is measured.

use catena::{Retry, prelude::*};

#[runnable(kind = model, timeout = "5s", retry = 2)]
async fn first(question: String) -> String {
    question + "?"
}

#[runnable(kind = model, tags("a tag"))]
async fn second(question: String) -> String {
    question + "!"
}

#[runnable(kind = tool, idempotent)]
async fn search(query: String) -> String {
    query
}

#[runnable]
pub fn compare() -> impl Runnable<String, Output = usize> {
    chain!(String =>
        search.retry(Retry::times::<3>())
        | <one: first, two?: second, three: second | first>
        | |all| all.one.len() + all.three.len()
        | match { 0 => |zero| zero, many => |many| many * 2 }
    )
}
