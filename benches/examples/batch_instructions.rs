//! A batch of 1,000 three-step chains, ten at a time, beside the same by hand: to be counted in instructions, which are
//! the same in every run and on every machine that is busy.
//!
//! ```text
//! cargo build --release --example batch_instructions
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/batch_instructions batch waits 11
//! ```
//!
//! The first word says what runs, the second whether the chain's middle step waits once or is ready, the number how often.
//! Ten times the work is the difference between 11 rounds and one: what the program needs to start drops out.

use catena::prelude::*;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{env, future::Future, hint::black_box, ops::Range, process::ExitCode};
use tokio::runtime::Builder;

const ITEMS: u64 = 1000;
const AT_ONCE: usize = 10;

#[runnable]
fn add(n: u64) -> u64 {
    n.wrapping_add(1)
}

#[runnable]
async fn wait(n: u64) -> catena::Result<u64> {
    tokio::task::yield_now().await;
    Ok(n ^ 0x55)
}

#[runnable]
async fn ready(n: u64) -> catena::Result<u64> {
    Ok(n ^ 0x55)
}

#[runnable]
fn triple(n: u64) -> u64 {
    n.wrapping_mul(3)
}

async fn waits_by_hand(n: u64) -> catena::Result<u64> {
    Ok(triple::function(wait::function(add::function(n)).await?))
}

async fn ready_by_hand(n: u64) -> catena::Result<u64> {
    Ok(triple::function(ready::function(add::function(n)).await?))
}

/// The functions as one step: what a batch of it costs over `buffered` is the batch's alone.
struct Waits;

#[runnable]
impl Runnable<u64> for Waits {
    type Output = u64;
    fn call<'a>(&'a self, n: u64, _cx: &'a Context) -> impl Future<Output = catena::Result<u64>> + Send {
        waits_by_hand(n)
    }
}

struct Ready;

#[runnable]
impl Runnable<u64> for Ready {
    type Output = u64;
    fn call<'a>(&'a self, n: u64, _cx: &'a Context) -> impl Future<Output = catena::Result<u64>> + Send {
        ready_by_hand(n)
    }
}

fn inputs() -> Range<u64> {
    0..black_box(ITEMS)
}

/// One round of what the words say.
macro_rules! round {
    ($what:expr, $chain:ident, $step:ident, $by_hand:ident) => {
        match $what {
            "batch" => drop(black_box($chain.batch(inputs()).max_concurrency(AT_ONCE).await)),
            "batch-of-functions" => drop(black_box($step.batch(inputs()).max_concurrency(AT_ONCE).await)),
            "functions-as-completed" => {
                black_box($step.batch_as_completed(inputs()).max_concurrency(AT_ONCE).count().await);
            }
            "functions-all-at-once" => drop(black_box($step.batch(inputs()).await)),
            "unbounded" => {
                use futures_util::stream::FuturesUnordered;
                drop(black_box(inputs().map($by_hand).collect::<FuturesUnordered<_>>().collect::<Vec<_>>().await));
            }
            "batch-all-at-once" => drop(black_box($chain.batch(inputs()).await)),
            "try_batch" => drop(black_box($chain.try_batch(inputs()).max_concurrency(AT_ONCE).await)),
            "batch_as_completed" => {
                black_box($chain.batch_as_completed(inputs()).max_concurrency(AT_ONCE).count().await);
            }
            "buffered" => {
                drop(black_box(stream::iter(inputs()).map($by_hand).buffered(AT_ONCE).collect::<Vec<_>>().await));
            }
            // What the chain itself costs over the functions, beside what the batch costs.
            "buffered-chain" => drop(black_box(
                stream::iter(inputs()).map(|n| $chain.invoke(n)).buffered(AT_ONCE).collect::<Vec<_>>().await,
            )),
            "try-buffered" => {
                drop(black_box(stream::iter(inputs()).map($by_hand).buffered(AT_ONCE).try_collect::<Vec<_>>().await))
            }
            "buffer_unordered" => {
                black_box(stream::iter(inputs()).map($by_hand).buffer_unordered(AT_ONCE).count().await);
            }
            "unordered-chain" => {
                black_box(stream::iter(inputs()).map(|n| $chain.invoke(n)).buffer_unordered(AT_ONCE).count().await);
            }
            "join_all" => drop(black_box(futures_util::future::join_all(inputs().map($by_hand)).await)),
            _ => return ExitCode::FAILURE,
        }
    };
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [what, step, rounds] = &words[..] else { return ExitCode::FAILURE };
    let rounds: u32 = rounds.parse().unwrap_or(1);
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime starts");
    let (waits, at_once) = (chain!(u64 => add | wait | triple), chain!(u64 => add | ready | triple));
    runtime.block_on(async {
        for _ in 0..rounds {
            match step.as_str() {
                "waits" => round!(what.as_str(), waits, Waits, waits_by_hand),
                _ => round!(what.as_str(), at_once, Ready, ready_by_hand),
            }
        }
        ExitCode::SUCCESS
    })
}
