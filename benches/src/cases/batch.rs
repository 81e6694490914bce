use crate::{
    case::{BY_HAND, CATENA, Case, kept},
    peers,
    steps::{add, mix, triple, wait},
};
use catena::{Result, prelude::*};
use futures_util::{StreamExt, stream};
use std::hint::black_box;

pub fn cases() -> Vec<Case> {
    vec![
        at("1,000 inputs, 1 at a time", 1).goal(1.05),
        at("1,000 inputs, 10 at a time", 10).goal(1.05),
        at("1,000 inputs, 100 at a time", 100).goal(1.05),
        at("1,000 inputs, all at once", usize::MAX).goal(1.05),
        ready("1,000 inputs of ready steps, 10 at a time", 10).goal(1.05),
        ready("1,000 inputs of ready steps, 100 at a time", 100).goal(1.05),
        million("1,000,000 inputs, 10 at a time, as completed", 10).goal(1.05),
        million("1,000,000 inputs, 100 at a time, as completed", 100).goal(1.05),
        million("1,000,000 inputs, 1,000 at a time, as completed", 1000).goal(1.05),
        million_ready("1,000,000 inputs of ready steps, 100 at a time, as completed", 100).goal(1.05),
    ]
}

const INPUTS: u64 = 1_000;
const MILLION: u64 = 1_000_000;

async fn by_hand(n: u64) -> Result<u64> {
    Ok(triple::function(wait::function(add::function(n)).await?))
}

async fn ready_by_hand(n: u64) -> Result<u64> {
    Ok(triple::function(mix::function(add::function(n)).await?))
}

fn total(results: Vec<Result<u64>>) -> u64 {
    results.into_iter().flatten().fold(0, u64::wrapping_add)
}

/// A million results are looked at and let go as they come, so that they take no room.
async fn added(total: u64, n: Result<u64>) -> u64 {
    total.wrapping_add(n.unwrap_or_default())
}

/// Steps of which one waits for its turn once.
fn at(name: &'static str, limit: usize) -> Case {
    let chain = kept(chain!(u64 => add | wait | triple));
    let case = Case::new(name)
        .units(INPUTS)
        .by(BY_HAND, move || async move {
            let at_once = limit.min(usize::try_from(INPUTS).unwrap_or(limit));
            total(stream::iter(0..black_box(INPUTS)).map(by_hand).buffered(at_once).collect().await)
        })
        .by(CATENA, move || async move { total(chain.batch(0..black_box(INPUTS)).max_concurrency(limit).await) });
    if limit == usize::MAX { case } else { peers::batch(case, INPUTS, limit) }
}

/// Steps that wait for nothing: all there is are the costs of the batch.
fn ready(name: &'static str, limit: usize) -> Case {
    let chain = kept(chain!(u64 => add | mix | triple));
    Case::new(name)
        .units(INPUTS)
        .by(BY_HAND, move || async move {
            total(stream::iter(0..black_box(INPUTS)).map(ready_by_hand).buffered(limit).collect().await)
        })
        .by(CATENA, move || async move { total(chain.batch(0..black_box(INPUTS)).max_concurrency(limit).await) })
}

fn million(name: &'static str, limit: usize) -> Case {
    let chain = kept(chain!(u64 => add | wait | triple));
    let case = Case::new(name)
        .units(MILLION)
        .by(BY_HAND, move || stream::iter(0..black_box(MILLION)).map(by_hand).buffer_unordered(limit).fold(0, added))
        .by(CATENA, move || {
            let results = chain.batch_as_completed(0..black_box(MILLION)).max_concurrency(limit);
            results.map(|(_, result)| result).fold(0, added)
        });
    if limit == 100 { peers::long_batch(case, MILLION, limit) } else { case }
}

fn million_ready(name: &'static str, limit: usize) -> Case {
    let chain = kept(chain!(u64 => add | mix | triple));
    Case::new(name)
        .units(MILLION)
        .by(BY_HAND, move || {
            stream::iter(0..black_box(MILLION)).map(ready_by_hand).buffer_unordered(limit).fold(0, added)
        })
        .by(CATENA, move || {
            let results = chain.batch_as_completed(0..black_box(MILLION)).max_concurrency(limit);
            results.map(|(_, result)| result).fold(0, added)
        })
}
