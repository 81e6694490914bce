//! What a chunk costs on its way through a chain, beside the same streams put together by hand, in one process: compare the
//! lines of each group. Divide by the steps for the price of one.
//!
//! `cargo bench --bench stream`, in this folder.

use catena::{Result, prelude::*};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use std::{future::Future, hint::black_box, pin::pin};
use tokio::runtime::{Builder, Runtime};

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

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime starts")
}

fn line<F: Future<Output = u64>>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, work: impl Fn() -> F + Copy) {
    assert_eq!(runtime().block_on(work()), CHUNKS, "{name} loses chunks");
    group.bench_function(name, |bencher| bencher.to_async(runtime()).iter(work));
}

fn one(c: &mut Criterion) {
    let mut group = c.benchmark_group("1,000 chunks through 1 step");
    group.throughput(Throughput::Elements(CHUNKS));
    let chain = chain!(u64 => source | pass);
    line(&mut group, "chain", || drain(chain.stream(black_box(CHUNKS))));
    line(&mut group, "by hand, boxed", || drain(boxed(source::function(black_box(CHUNKS)).boxed())));
    line(&mut group, "by hand", || drain(pass::function(source::function(black_box(CHUNKS)))));
}

fn three(c: &mut Criterion) {
    let mut group = c.benchmark_group("1,000 chunks through 3 steps");
    group.throughput(Throughput::Elements(CHUNKS));
    let chain = chain!(u64 => source | pass | pass | pass);
    line(&mut group, "chain", || drain(chain.stream(black_box(CHUNKS))));
    line(&mut group, "by hand, boxed", || drain(boxed(boxed(boxed(source::function(black_box(CHUNKS)).boxed())))));
    line(&mut group, "by hand", || {
        drain(pass::function(pass::function(pass::function(source::function(black_box(CHUNKS))))))
    });
}

fn ten(c: &mut Criterion) {
    let mut group = c.benchmark_group("1,000 chunks through 10 steps");
    group.throughput(Throughput::Elements(CHUNKS));
    let chain = chain!(u64 => source | pass | pass | pass | pass | pass | pass | pass | pass | pass | pass);
    line(&mut group, "chain", || drain(chain.stream(black_box(CHUNKS))));
    line(&mut group, "by hand, boxed", || {
        let chunks = source::function(black_box(CHUNKS)).boxed();
        drain((0..10).fold(chunks, |chunks, _| boxed(chunks)))
    });
}

fn merged(c: &mut Criterion) {
    let mut group = c.benchmark_group("1,000 chunks of a map of 3");
    group.throughput(Throughput::Elements(CHUNKS));
    let third = |n: u64| n / 3 + u64::from(n % 3 > 0);
    let chain = chain!(u64 => |n| third(n) | <a: source, b: source, c: source>);
    let few = |stream| async move { drain(stream).await.min(CHUNKS) };
    line(&mut group, "chain", || few(chain.stream(black_box(CHUNKS))));
    line(&mut group, "by hand", || async {
        let one = || source::function(third(black_box(CHUNKS))).boxed();
        drain(stream::select_all([one(), one(), one()])).await.min(CHUNKS)
    });
}

criterion_group!(benches, one, three, ten, merged);
criterion_main!(benches);
