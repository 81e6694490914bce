#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn double(count: u64) -> u64 { count * 2 }
#[runnable]
fn show(count: u64) -> String { count.to_string() }

async fn all(counts: Vec<String>) -> Vec<catena::Result<String>> {
    let chain = chain!(u64 => double | show);
    chain.batch(counts).await
}

async fn or_none(counts: Vec<u32>) -> catena::Result<Vec<u64>> { double.try_batch(counts).max_concurrency(2).await }

fn main() {}
