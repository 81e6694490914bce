//! A thousand chunks through steps one after another, and through a map of three: to be counted in instructions, which are
//! the same in every run and on every machine that is busy.
//!
//! ```text
//! cargo build --release --example stream_instructions
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/stream_instructions chain 3 11
//! ```
//!
//! The first word says what runs, the second through how many steps (1, 3 or 10), the number how often. Ten times the work
//! is the difference between 11 rounds and one: what the program needs to start drops out.

use catena::{Result, prelude::*};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use std::{env, future::Future, hint::black_box, pin::pin, process::ExitCode};
use tokio::runtime::Builder;

const CHUNKS: u64 = 1000;

#[runnable]
fn source(chunks: u64) -> impl Stream<Item = Result<String>> + Send {
    // An empty text allocates nothing.
    stream::iter((0..chunks).map(|_| Ok(String::new())))
}

#[runnable]
fn pass(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    text.map_ok(black_box)
}

fn boxed<'a>(text: impl Stream<Item = Result<String>> + Send + 'a) -> stream::BoxStream<'a, Result<String>> {
    pass::function(text).boxed()
}

async fn drain<T>(chunks: impl Stream<Item = Result<T>>) -> u64 {
    let mut chunks = pin!(chunks);
    let mut seen = 0;
    while let Some(chunk) = chunks.next().await {
        seen += u64::from(chunk.is_ok());
    }
    seen
}

async fn repeat<F: Future<Output = u64>>(rounds: u64, work: impl Fn() -> F) {
    for _ in 0..rounds {
        assert_eq!(work().await, CHUNKS, "chunks are lost");
    }
}

async fn run(what: &str, steps: usize, rounds: u64) -> bool {
    match (what, steps) {
        ("chain", 1) => {
            let chain = chain!(u64 => source | pass);
            repeat(rounds, || drain(chain.stream(black_box(CHUNKS)))).await;
        }
        ("chain", 3) => {
            let chain = chain!(u64 => source | pass | pass | pass);
            repeat(rounds, || drain(chain.stream(black_box(CHUNKS)))).await;
        }
        ("chain", 10) => {
            let chain = chain!(u64 => source | pass | pass | pass | pass | pass | pass | pass | pass | pass | pass);
            repeat(rounds, || drain(chain.stream(black_box(CHUNKS)))).await;
        }
        ("boxed", steps) => {
            repeat(rounds, || {
                let chunks = source::function(black_box(CHUNKS)).boxed();
                drain((0..steps).fold(chunks, |chunks, _| boxed(chunks)))
            })
            .await;
        }
        ("inline", 1) => {
            repeat(rounds, || drain(pass::function(source::function(black_box(CHUNKS))))).await;
        }
        ("inline", 3) => {
            repeat(rounds, || {
                drain(pass::function(pass::function(pass::function(source::function(black_box(CHUNKS))))))
            })
            .await;
        }
        _ => return false,
    }
    true
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let known = match words.as_slice() {
        [what, steps, rounds] => {
            steps.parse().ok().zip(rounds.parse().ok()).map(|(steps, rounds)| (what, steps, rounds))
        }
        _ => None,
    };
    let Some((what, steps, rounds)) = known else {
        eprintln!("usage: stream_instructions <chain|boxed|inline> <steps> <rounds>");
        return ExitCode::from(2);
    };
    let runtime = Builder::new_current_thread().build().expect("a runtime starts");
    if runtime.block_on(run(what, steps, rounds)) {
        ExitCode::SUCCESS
    } else {
        eprintln!("there is no `{what}` of {steps} steps: chain of 1, 3 or 10, boxed of any, inline of 1 or 3");
        ExitCode::from(2)
    }
}
