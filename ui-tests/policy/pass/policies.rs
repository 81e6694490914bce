#![deny(warnings)]

use catena::{Node, assert_chain, policy, policy::Verdict, prelude::*};
use std::time::Duration;

#[runnable(kind = model)]
async fn gpt(question: String) -> String { question }
#[runnable(kind = tool, idempotent)]
async fn search(query: String) -> String { query }

pub const fn nothing<T>(_: &Node) -> Verdict { Verdict::Allowed }

/// Documented, and under all of them.
#[runnable(name = "all", deny(untimed_model, unbounded_retry, unmarked_tool_retry, more_models_than::<1>, crate::nothing::<u8>,))]
#[must_use]
pub fn compare<S>(step: S, early: bool) -> impl Runnable<String, Output = String>
where
    S: Runnable<String, Output = String>,
{
    let chain = chain!(String => step | gpt.timeout(Duration::from_secs(1)) | search.retry(Retry::times::<3>()));
    if early {
        return chain;
    }
    chain
}

fn main() {
    let _ = compare(search, true);
    let given: u32 = 3;
    let policy = Retry::attempts(given);
    let chain = chain!(String => gpt.retry(given) | gpt.retry(policy));
    assert_chain!(chain, policy::more_models_than::<1>, nothing::<()>);
}
