//! What a batch costs, beside the same written by hand with `buffered` and `buffer_unordered`, in one process: compare the
//! lines of each group. "Of the chain" is by hand over the chain, not over its functions: the rest is what the chain costs.
//!
//! `cargo bench --bench batch`, in this folder. `examples/batch_instructions.rs` counts the same in instructions, which other
//! work on the machine does not change.

use catena::prelude::*;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{future::Future, hint::black_box};
use tokio::runtime::{Builder, Runtime};

const ITEMS: u64 = 1000;
const AT_ONCE: usize = 10;

#[runnable]
fn add(n: u64) -> u64 {
    n.wrapping_add(1)
}

/// Waits for its turn once, as anything that asks a server does.
#[runnable]
async fn mix(n: u64) -> catena::Result<u64> {
    tokio::task::yield_now().await;
    Ok(n ^ 0x55)
}

#[runnable]
fn triple(n: u64) -> u64 {
    n.wrapping_mul(3)
}

/// No step of it waits.
#[runnable]
async fn ready(n: u64) -> catena::Result<u64> {
    Ok(n ^ 0x55)
}

async fn by_hand(n: u64) -> catena::Result<u64> {
    Ok(triple::function(mix::function(add::function(n)).await?))
}

async fn ready_by_hand(n: u64) -> catena::Result<u64> {
    Ok(triple::function(ready::function(add::function(n)).await?))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime starts")
}

fn line<F: Future>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, work: impl Fn() -> F + Copy) {
    group.bench_function(name, |bencher| bencher.to_async(runtime()).iter(work));
}

fn inputs() -> std::ops::Range<u64> {
    0..black_box(ITEMS)
}

fn waiting(c: &mut Criterion) {
    let mut group = c.benchmark_group("1,000 chains of 3 steps that wait once, 10 at a time");
    group.throughput(Throughput::Elements(ITEMS));
    let chain = chain!(u64 => add | mix | triple);
    line(&mut group, "batch", || async { chain.batch(inputs()).max_concurrency(AT_ONCE).await });
    line(&mut group, "buffered", || stream::iter(inputs()).map(by_hand).buffered(AT_ONCE).collect::<Vec<_>>());
    line(&mut group, "buffered, of the chain", || {
        stream::iter(inputs()).map(|n| chain.invoke(n)).buffered(AT_ONCE).collect::<Vec<_>>()
    });
    line(&mut group, "try_batch", || async { chain.try_batch(inputs()).max_concurrency(AT_ONCE).await });
    line(&mut group, "buffered, to the first error", || {
        stream::iter(inputs()).map(by_hand).buffered(AT_ONCE).try_collect::<Vec<_>>()
    });
    line(&mut group, "batch_as_completed", || chain.batch_as_completed(inputs()).max_concurrency(AT_ONCE).count());
    line(&mut group, "buffer_unordered", || stream::iter(inputs()).map(by_hand).buffer_unordered(AT_ONCE).count());
}

fn at_once(c: &mut Criterion) {
    let mut group = c.benchmark_group("1,000 chains of 3 steps that are ready, 10 at a time");
    group.throughput(Throughput::Elements(ITEMS));
    let chain = chain!(u64 => add | ready | triple);
    line(&mut group, "batch", || async { chain.batch(inputs()).max_concurrency(AT_ONCE).await });
    line(&mut group, "buffered", || stream::iter(inputs()).map(ready_by_hand).buffered(AT_ONCE).collect::<Vec<_>>());
    line(&mut group, "buffered, of the chain", || {
        stream::iter(inputs()).map(|n| chain.invoke(n)).buffered(AT_ONCE).collect::<Vec<_>>()
    });
    line(&mut group, "batch_as_completed", || chain.batch_as_completed(inputs()).max_concurrency(AT_ONCE).count());
    line(&mut group, "buffer_unordered", || {
        stream::iter(inputs()).map(ready_by_hand).buffer_unordered(AT_ONCE).count()
    });
}

criterion_group!(benches, waiting, at_once);
criterion_main!(benches);
