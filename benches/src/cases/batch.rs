use crate::{
    case::{BY_HAND, CATENA, Case, kept},
    peers,
    steps::{add, triple, wait},
};
use catena::{Result, prelude::*};
use futures_util::{StreamExt, stream};
use std::hint::black_box;

pub fn cases() -> Vec<Case> {
    let mut cases = vec![at("1,000 inputs, 1 at a time", 1_000, 1)];
    cases.push(at("1,000 inputs, 10 at a time", 1_000, 10).goal(1.05));
    cases.push(at("1,000 inputs, 100 at a time", 1_000, 100).goal(1.05));
    cases.push(million(100).goal(1.05));
    cases
}

async fn by_hand(n: u64) -> Result<u64> {
    Ok(triple::function(wait::function(add::function(n)).await?))
}

fn at(name: &'static str, inputs: u64, limit: usize) -> Case {
    let chain = kept(chain!(u64 => add | wait | triple));
    let total = |results: Vec<Result<u64>>| results.into_iter().flatten().fold(0, u64::wrapping_add);
    Case::new(name)
        .units(inputs)
        .by(BY_HAND, move || async move {
            total(stream::iter(0..black_box(inputs)).map(by_hand).buffered(limit).collect().await)
        })
        .by(CATENA, move || async move { total(chain.batch(0..black_box(inputs)).max_concurrency(limit).await) })
        .with(|case| peers::batch(case, inputs, limit))
}

/// A million results are looked at and let go as they come, so that they take no room.
fn million(limit: usize) -> Case {
    const INPUTS: u64 = 1_000_000;
    let chain = kept(chain!(u64 => add | wait | triple));
    let total = |total: u64, n: Result<u64>| async move { total.wrapping_add(n.unwrap_or_default()) };
    Case::new("1,000,000 inputs, 100 at a time, as completed")
        .units(INPUTS)
        .by(BY_HAND, move || stream::iter(0..black_box(INPUTS)).map(by_hand).buffer_unordered(limit).fold(0, total))
        .by(CATENA, move || {
            let results = chain.batch_as_completed(0..black_box(INPUTS)).max_concurrency(limit);
            results.map(|(_, result)| result).fold(0, total)
        })
        .with(|case| peers::long_batch(case, INPUTS, limit))
}
