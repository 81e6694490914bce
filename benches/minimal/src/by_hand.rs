//! The same as `chain.rs`, by hand.

use tokio::runtime::Builder;

fn prompt(question: &str) -> String {
    format!("Answer in one sentence: {question}")
}

async fn model(prompt: String) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    tokio::task::yield_now().await;
    Ok(format!("answer: {prompt}"))
}

fn length(answer: &str) -> usize {
    answer.len()
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let answer = async { Ok::<_, Box<dyn std::error::Error + Send + Sync>>(length(&model(prompt("why?")).await?)) };
    println!("{}", Builder::new_current_thread().build()?.block_on(answer)?);
    Ok(())
}
