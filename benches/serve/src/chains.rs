//! The chains that are served, by the doors and by hand.

use catena::{Chunks, Result, generator, prelude::*};
use catena_llm::{Model, parser, prompt};
use futures_util::stream;

/// The pieces of a stream.
pub const PIECES: usize = 1000;

#[runnable]
fn framed(question: String) -> String {
    format!("Answer in one sentence: {question}")
}

/// Waits for its turn once, as anything that asks a server does.
#[runnable]
async fn answered(prompt: &str) -> String {
    tokio::task::yield_now().await;
    format!("answer: {prompt}")
}

/// One input, one output.
pub fn short() -> impl Runnable<String, Output = String> {
    chain!(String => framed | answered)
}

/// Pieces that come one at a time, or that are there at once.
pub fn pieces(at_once: bool) -> impl Runnable<String, Output = String, Chunk = String> {
    let pieces = generator(move |_: Chunks<'_, String>| {
        Chunks::new(stream::unfold(0, move |number| async move {
            if !at_once {
                tokio::task::yield_now().await;
            }
            (number < PIECES).then(|| (Ok(" quantum".to_owned()), number + 1))
        }))
    });
    chain!(String => pieces)
}

/// One piece, and then nothing.
pub fn idle() -> impl Runnable<String, Output = String, Chunk = String> {
    let idle = generator(|_: Chunks<'_, String>| {
        Chunks::new(stream::unfold(false, |waits| async move {
            if waits {
                std::future::pending::<()>().await;
            }
            Some((Ok("here".to_owned()), true))
        }))
    });
    chain!(String => idle)
}

/// A prompt, a model and a parser.
pub fn asks(simulator: &str) -> Result<impl Runnable<String, Output = String> + use<>> {
    let model = catena_llm::openai("gpt-4o-mini").base_url(simulator).api_key("simulated").build()?;
    Ok(asks_model(model))
}

fn asks_model(model: Model) -> impl Runnable<String, Output = String> {
    chain!(String => prompt!("Answer in one sentence: {}") | model | parser::text())
}
