use catena::prelude::*;

#[runnable(kind = model)]
async fn gpt(question: String) -> String { question }
#[runnable(kind = model, timeout = "10s")]
async fn claude(question: String) -> String { question }

#[runnable(deny(untimed_model, unbounded_retry))]
fn compare() -> impl Runnable<String> {
    chain!(String => <first: claude, second: gpt.retry(2)>)
}

fn main() { compare(); }
