//! A chain, and nothing else: what it takes to start, and how large it is.

use catena::prelude::*;
use tokio::runtime::Builder;

#[runnable]
fn prompt(question: &str) -> String {
    format!("Answer in one sentence: {question}")
}

#[runnable]
async fn model(prompt: String) -> catena::Result<String> {
    tokio::task::yield_now().await;
    Ok(format!("answer: {prompt}"))
}

#[runnable]
fn length(answer: &str) -> usize {
    answer.len()
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let chain = chain!(String => prompt | model | length);
    println!("{}", Builder::new_current_thread().build()?.block_on(chain.invoke("why?".to_owned()))?);
    Ok(())
}
