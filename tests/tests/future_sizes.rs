//! How much room a call in flight takes, beside the same written by hand. In bytes of the future, which is what a task keeps.

use catena::{Error, Result, prelude::*};
use futures_util::try_join;
use std::{future::Future, mem::size_of_val, time::Duration};

/// Keeps something while it waits, as everything does that asks a server.
#[runnable]
async fn ask(n: u64) -> Result<u64> {
    let kept = [n; 8];
    tokio::task::yield_now().await;
    Ok(kept.iter().sum())
}

#[runnable]
fn add(n: u64) -> u64 {
    n + 1
}

/// The chain's future, and that by hand.
#[track_caller]
fn at_most(percent: usize, more: usize, chain: &impl Future, by_hand: &impl Future) {
    let (chain, by_hand) = (size_of_val(chain), size_of_val(by_hand));
    println!("{chain} to {by_hand}");
    assert!(chain <= by_hand * percent / 100 + more, "{chain} bytes, and {by_hand} by hand");
}

#[test]
fn a_step() {
    // The step, and whether it is started: the input is kept where its call is afterwards.
    at_most(100, 16, &ask.invoke(1), &ask::function(1));
}

#[test]
fn steps_in_sequence() {
    let chain = chain!(u64 => add | ask | ask | ask);
    at_most(100, 8, &chain.invoke(1), &async {
        let n = ask::function(add::function(1)).await?;
        let n = ask::function(n).await?;
        ask::function(n).await
    });
}

#[test]
fn branches_of_a_map() {
    let chain = chain!(u64 => <a: ask, b: ask, c: ask> | |r| r.a + r.b + r.c);
    at_most(100, 40, &chain.invoke(1), &async {
        let n = 1;
        let (a, b, c) = try_join!(ask::function(n), ask::function(n), ask::function(n))?;
        Ok::<_, Error>(a + b + c)
    });
}

#[test]
fn arms() {
    let chain = chain!(u64 => match { 0 => add, _ => ask });
    at_most(100, 8, &chain.invoke(1), &async {
        match 1 {
            0 => Ok(add::function(0)),
            n => ask::function(n).await,
        }
    });
}

#[test]
fn what_goes_wrong_seldom_takes_room_only_then() {
    let (retried, replaced) = (ask.retry(3), ask.fallback(add));
    // The input, which is lent, and where it is: the step and the context.
    at_most(100, 64, &retried.invoke(1), &ask::function(1));
    at_most(100, 64, &replaced.invoke(1), &ask::function(1));
}

#[tokio::test]
async fn a_timeout() {
    let limited = ask.timeout(Duration::from_secs(1));
    at_most(100, 40, &limited.invoke(1), &tokio::time::timeout(Duration::from_secs(1), ask::function(1)));
}
