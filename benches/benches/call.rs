//! What a call of a chain costs, beside the same written by hand, in one process: compare the two lines of each group.
//!
//! `cargo bench --bench call`, in this folder.

use catena::{Context, prelude::*};
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use std::{future::Future, hint::black_box, time::Duration};
use tokio::runtime::{Builder, Runtime};

#[runnable]
fn add(n: u64) -> u64 {
    n.wrapping_add(1)
}

#[runnable]
fn triple(n: u64) -> u64 {
    n.wrapping_mul(3)
}

#[runnable]
async fn mix(n: u64) -> catena::Result<u64> {
    Ok(n ^ 0x55)
}

#[runnable]
fn length(text: &str) -> usize {
    text.len()
}

#[runnable]
fn spaces(text: &str) -> usize {
    text.bytes().take(64).filter(|b| *b == b' ').count()
}

#[runnable]
fn first(text: &str) -> u8 {
    text.bytes().next().unwrap_or_default()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime starts")
}

/// One line of a group: `work` over and over.
fn line<F: Future>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, work: impl Fn() -> F + Copy) {
    group.bench_function(name, |bencher| bencher.to_async(runtime()).iter(work));
}

fn sequence(c: &mut Criterion) {
    let mut group = c.benchmark_group("a sequence of 3 ready steps");
    let chain = chain!(u64 => add | triple | mix);
    line(&mut group, "chain", || chain.invoke(black_box(7)));
    line(&mut group, "by hand", || async {
        let n = triple::function(add::function(black_box(7)));
        mix::function(n).await
    });
}

fn parallel(c: &mut Criterion) {
    let mut group = c.benchmark_group("a map of 3 branches that read 16 KiB");
    let chain = chain!(String => <length: length, spaces: spaces, first: first>);
    let text = "lorem ipsum ".repeat(16 * 1024 / 12);
    let cx = Context::new();
    line(&mut group, "chain", || chain.call_ref(black_box(&text), &cx));
    line(&mut group, "by hand", || async {
        let text = black_box(text.as_str());
        futures_util::try_join!(
            async { Ok::<_, catena::Error>(length::function(text)) },
            async { Ok::<_, catena::Error>(spaces::function(text)) },
            async { Ok::<_, catena::Error>(first::function(text)) },
        )
    });
}

fn branch(c: &mut Criterion) {
    let mut group = c.benchmark_group("a branch of 3 arms");
    let chain = chain!(u64 => match { 0 => add, n if n % 2 == 0 => triple, _ => mix });
    line(&mut group, "chain", || chain.invoke(black_box(7)));
    line(&mut group, "by hand", || async {
        match black_box(7) {
            0 => Ok(add::function(0)),
            n if n % 2 == 0 => Ok(triple::function(n)),
            n => mix::function(n).await,
        }
    });
}

fn unused(c: &mut Criterion) {
    let mut group = c.benchmark_group("modifiers that are not needed");
    line(&mut group, "bare", || mix.invoke(black_box(7)));
    let named = mix.named("mix");
    line(&mut group, "named", || named.invoke(black_box(7)));
    let retried = mix.retry(3);
    line(&mut group, "retry", || retried.invoke(black_box(7)));
    let backed = mix.fallback(add);
    line(&mut group, "fallback", || backed.invoke(black_box(7)));
    let limited = mix.timeout(Duration::from_secs(5));
    line(&mut group, "timeout", || limited.invoke(black_box(7)));
    line(&mut group, "tokio's timeout", || async {
        tokio::time::timeout(Duration::from_secs(5), mix::function(black_box(7))).await
    });
    let boxed = mix.boxed();
    line(&mut group, "boxed", || boxed.invoke(black_box(7)));
}

criterion_group!(benches, sequence, parallel, branch, unused);
criterion_main!(benches);
