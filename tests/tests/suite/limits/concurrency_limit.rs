//! One limit on what runs at once, however deep it is nested.

use catena::{BoxRunnable, Config, ErrorKind, parallel, prelude::*};
use catena_tests::{Log, Scripted, ms, secs};
use futures_util::{StreamExt, future::try_join_all};
use proptest::prelude::*;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Takes a second, under observation.
#[derive(Clone, Default)]
struct Leaf(Log);

#[runnable]
impl Runnable<u64> for Leaf {
    type Output = u64;
    async fn call(&self, n: u64, _cx: &Context) -> catena::Result<u64> {
        let call = self.0.begin();
        sleep(secs(1)).await;
        call.finish();
        Ok(n)
    }
}

fn most(limit: usize) -> Config {
    Config::new().max_concurrency(limit)
}

/// Six branches of it.
fn six(leaf: &Leaf) -> impl Runnable<u64> + Clone + use<> {
    let leaf = || leaf.clone();
    parallel((leaf(), leaf(), leaf(), leaf(), leaf(), leaf()))
}

fn three(leaf: &Leaf) -> impl Runnable<u64> + Clone + use<> {
    parallel((leaf.clone(), leaf.clone(), leaf.clone()))
}

/// The cases of the recording `g21_max_concurrency`. There the limit holds for each fan-out by itself, and not at all for
/// some; here it is one.
#[tokio::test(start_paused = true)]
async fn the_limit_is_kept_and_reached() -> catena::Result<()> {
    let leaf = Leaf::default;
    let inputs = || 0..6;

    let r = leaf();
    r.batch(inputs()).max_concurrency(2).await;
    assert_eq!(r.0.peak(), 2, "batch");
    let r = leaf();
    r.batch(inputs()).await;
    assert_eq!(r.0.peak(), 6, "batch without a limit");
    let r = leaf();
    r.batch_as_completed(inputs()).max_concurrency(2).count().await;
    assert_eq!(r.0.peak(), 2, "batch_as_completed");
    let r = leaf();
    six(&r).invoke_with(1, most(2)).await?;
    assert_eq!(r.0.peak(), 2, "a parallel map");
    let r = leaf();
    six(&r).with_config(most(2)).stream(1).for_each(|_| async {}).await;
    assert_eq!((r.0.peak(), r.0.calls()), (2, 6), "a parallel map's stream");
    let r = leaf();
    three(&r).batch(0..4).max_concurrency(2).await;
    assert_eq!((r.0.peak(), r.0.calls()), (2, 12), "a batch of parallel maps");
    let r = leaf();
    chain!(u64 => r.clone() | r.clone()).batch(inputs()).max_concurrency(2).await;
    assert_eq!(r.0.peak(), 2, "a batch of sequences");
    let r = leaf();
    r.clone().map().invoke_with(inputs().collect(), most(2)).await?;
    assert_eq!(r.0.peak(), 2, "a map");
    let r = leaf();
    r.clone().map().with_config(most(2)).stream(inputs().collect()).for_each(|_| async {}).await;
    assert_eq!((r.0.peak(), r.0.calls()), (2, 6), "a map's stream");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn no_time_is_lost_to_the_limit() -> catena::Result<()> {
    for (limit, takes) in [(1, 24), (2, 12), (3, 8), (4, 6), (24, 1), (1000, 1), (usize::MAX, 1)] {
        let (leaf, start) = (Leaf::default(), Instant::now());
        let results = six(&leaf).try_batch(0..4).max_concurrency(limit).await?;
        assert_eq!((results.len(), leaf.0.calls(), leaf.0.peak()), (4, 24, limit.min(24)), "limit {limit}");
        assert_eq!(start.elapsed(), secs(takes), "limit {limit}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_fan_out_of_one_gives_up_what_it_does_not_use() -> catena::Result<()> {
    // The short branch ends early; from then on the map has two places, and the long branch is in one of them.
    let (leaf, start) = (Leaf::default(), Instant::now());
    let long = Scripted::says(["done"]).after(secs(10));
    let short = Scripted::says(["done"]).after(secs(1));
    let list = leaf.clone().map();
    let chain = chain!(Vec<u64> => <nested: <short: short, long: long>, list: list>);
    chain.invoke_with((0..9).collect(), most(2)).await?;
    // One at a time beside the long branch: nine seconds, one after the short branch.
    assert_eq!(start.elapsed(), secs(10));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn spawned_and_boxed_steps_count() -> catena::Result<()> {
    let leaf = Leaf::default();
    let spawned = three(&leaf).spawned().map().boxed::<Vec<u64>>().spawned();
    spawned.invoke_with((0..5).collect(), most(4)).await?;
    assert_eq!((leaf.0.peak(), leaf.0.calls()), (4, 15));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_rivals_of_a_race_count() -> catena::Result<()> {
    let (slow, quick) = (Scripted::says(["slow"]).after(secs(2)), Scripted::says(["quick"]).after(secs(1)));
    let log = quick.log();
    let race = slow.race(quick);
    assert_eq!(race.invoke_with((), most(2)).await?, "quick");
    assert_eq!((race.invoke_with((), most(1)).await?.as_str(), log.calls()), ("slow", 1), "the other had no place");
    let said: Vec<_> = race.with_config(most(1)).stream(()).map(Result::unwrap).collect().await;
    assert_eq!((said.as_slice(), log.calls()), (["slow".to_owned()].as_slice(), 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_map_may_have_a_smaller_limit_of_its_own() -> catena::Result<()> {
    for (own, run, peak) in [(2, 5, 2), (5, 2, 2), (3, 3, 3)] {
        let leaf = Leaf::default();
        leaf.clone().map().concurrency(own).invoke_with(vec![0; 20], most(run)).await?;
        assert_eq!(leaf.0.peak(), peak, "{own} of {run}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_inner_limit_holds_within_and_never_beyond_the_outer() -> catena::Result<()> {
    let (inside, outside) = (Leaf::default(), Leaf::default());
    let (narrow, wide) = (inside.clone().map().with_config(most(2)), outside.clone().map());
    let chain = chain!(Vec<u64> => <narrow: narrow, wide: wide>);
    let start = Instant::now();
    chain.invoke_with(vec![0; 12], most(5)).await?;
    assert!(
        inside.0.peak() == 2 && (3..=4).contains(&outside.0.peak()),
        "{inside:?} {outside:?}",
        inside = inside.0,
        outside = outside.0
    );
    assert!(start.elapsed() <= secs(6), "{:?}", start.elapsed());

    let leaf = Leaf::default();
    leaf.clone().map().with_config(most(50)).invoke_with(vec![0; 20], most(3)).await?;
    assert_eq!(leaf.0.peak(), 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn each_run_has_a_limit_of_its_own() -> catena::Result<()> {
    let (leaf, config) = (Leaf::default(), most(2));
    let map = leaf.clone().map();
    try_join_all((0..3).map(|_| map.invoke_with(vec![0; 4], config.clone()))).await?;
    assert_eq!(leaf.0.peak(), 6);
    Ok(())
}

#[tokio::test]
async fn a_limit_of_zero_fails_before_anything_runs() {
    let leaf = Leaf::default();
    let error = leaf.invoke_with(1, most(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (&ErrorKind::BadInput, "Leaf"));
    let part = leaf.clone().with_config(most(0));
    assert_eq!(part.invoke(1).await.unwrap_err().kind(), &ErrorKind::BadInput);
    assert_eq!(part.stream(1).next().await.unwrap().unwrap_err().kind(), &ErrorKind::BadInput);
    assert_eq!(leaf.0.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_fails_gives_its_place_back() -> catena::Result<()> {
    let leaf = Leaf::default();
    let fails = Scripted::fails(catena::Error::msg("no")).after(ms(500));
    let list = leaf.clone().map();
    let chain = chain!(Vec<u64> => <broken?: <a: fails.clone(), b: fails.clone(), c: fails>, list: list>);
    let out = chain.invoke_with(vec![0; 6], most(3)).await?;
    assert!(out.broken.is_err());
    assert_eq!(leaf.0.peak(), 3);
    Ok(())
}

/// Gives way a few times, on whichever thread.
#[derive(Clone, Default)]
struct Yielding(Log);

#[runnable]
impl Runnable<u64> for Yielding {
    type Output = u64;
    async fn call(&self, n: u64, _cx: &Context) -> catena::Result<u64> {
        let call = self.0.begin();
        for _ in 0..n % 4 {
            tokio::task::yield_now().await;
        }
        call.finish();
        Ok(n)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_limit_holds_across_threads() -> catena::Result<()> {
    for limit in [1, 2, 5] {
        let step = Yielding::default();
        let each = || step.clone().spawned();
        let chain = parallel((each(), each(), each())).map().spawned();
        let lists = (0..50).map(|n| (n..n + 10).collect());
        let outputs = chain.try_batch(lists).max_concurrency(limit).await?;
        assert_eq!((outputs.len(), step.0.calls(), step.0.running()), (50, 1500, 0));
        assert!(step.0.peak() <= limit, "{} at once under a limit of {limit}", step.0.peak());
    }
    Ok(())
}

/// Fan-outs inside each other, at random.
#[derive(Clone, Debug)]
enum Shape {
    Leaf(u64),
    Map(usize, Box<Shape>),
    LimitedMap(usize, usize, Box<Shape>),
    Batch(usize, Box<Shape>),
    Parallel(Box<Shape>, Box<Shape>),
    Race(Box<Shape>, Box<Shape>),
    Then(Box<Shape>, Box<Shape>),
    Within(usize, Box<Shape>),
    Spawned(Box<Shape>),
    Streamed(Box<Shape>),
}

type Boxed = BoxRunnable<u64, u64>;

#[derive(Clone)]
struct Timed(Log, Duration);

#[runnable]
impl Runnable<u64> for Timed {
    type Output = u64;
    async fn call(&self, n: u64, _cx: &Context) -> catena::Result<u64> {
        let call = self.0.begin();
        sleep(self.1).await;
        call.finish();
        Ok(n)
    }
}

struct InBatch(Boxed, usize);

#[runnable]
impl Runnable<u64> for InBatch {
    type Output = u64;
    async fn call(&self, n: u64, cx: &Context) -> catena::Result<u64> {
        let mut results = self.0.batch_as_completed(vec![n; self.1]).within(cx);
        while let Some((_, result)) = results.next().await {
            result?;
        }
        self.0.try_batch(vec![n; self.1]).within(cx).await?;
        Ok(n)
    }
}

impl Shape {
    fn build(&self, log: &Log) -> Boxed {
        match self {
            Shape::Leaf(millis) => Timed(log.clone(), ms(*millis)).boxed(),
            Shape::Map(n, shape) => {
                let (n, each) = (*n, shape.build(log).map());
                chain!(u64 => move |i| vec![i; n] | each | |all| all.len() as u64).boxed()
            }
            Shape::LimitedMap(n, limit, shape) => {
                let (n, each) = (*n, shape.build(log).map().concurrency(*limit));
                chain!(u64 => move |i| vec![i; n] | each | |all| all.len() as u64).boxed()
            }
            Shape::Batch(n, shape) => InBatch(shape.build(log), *n).boxed(),
            Shape::Parallel(a, b) => {
                let (a, b) = (a.build(log), b.build(log));
                chain!(u64 => <a: a, b: b, c: _> | |r| r.a + r.b + r.c).boxed()
            }
            Shape::Race(a, b) => a.build(log).race(b.build(log)).boxed(),
            Shape::Then(a, b) => {
                let (a, b) = (a.build(log), b.build(log));
                chain!(u64 => a | b).boxed()
            }
            Shape::Within(limit, shape) => shape.build(log).with_config(most(*limit)).boxed(),
            Shape::Spawned(shape) => shape.build(log).spawned().boxed(),
            Shape::Streamed(shape) => {
                let (a, b) = (shape.build(log), shape.build(log));
                // A stream inside: its chunks are read by the one who runs it.
                Streamed(chain!(u64 => <a: a, b: b> | |r| r.a + r.b).boxed_stream()).boxed()
            }
        }
    }
}

struct Streamed(Boxed);

#[runnable]
impl Runnable<u64> for Streamed {
    type Output = u64;
    async fn call(&self, n: u64, cx: &Context) -> catena::Result<u64> {
        self.0.call_stream(n, cx).assemble(self.0.assembler()).await
    }
}

impl Shape {
    /// Whether a race may stop a task: the runtime ends it a moment after its place was given back.
    fn stops_tasks(&self, in_race: bool) -> bool {
        match self {
            Shape::Leaf(_) => false,
            Shape::Spawned(shape) => in_race || shape.stops_tasks(in_race),
            Shape::Race(a, b) => a.stops_tasks(true) || b.stops_tasks(true),
            Shape::Parallel(a, b) | Shape::Then(a, b) => a.stops_tasks(in_race) || b.stops_tasks(in_race),
            Shape::Map(_, shape)
            | Shape::LimitedMap(_, _, shape)
            | Shape::Batch(_, shape)
            | Shape::Within(_, shape)
            | Shape::Streamed(shape) => shape.stops_tasks(in_race),
        }
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    (0..4_u64).prop_map(Shape::Leaf).prop_recursive(4, 20, 3, |inner| {
        let one = || inner.clone().prop_map(Box::new);
        prop_oneof![
            (1..4_usize, one()).prop_map(|(n, s)| Shape::Map(n, s)),
            (1..4_usize, 1..3_usize, one()).prop_map(|(n, l, s)| Shape::LimitedMap(n, l, s)),
            (1..3_usize, one()).prop_map(|(n, s)| Shape::Batch(n, s)),
            (one(), one()).prop_map(|(a, b)| Shape::Parallel(a, b)),
            (one(), one()).prop_map(|(a, b)| Shape::Race(a, b)),
            (one(), one()).prop_map(|(a, b)| Shape::Then(a, b)),
            (1..6_usize, one()).prop_map(|(n, s)| Shape::Within(n, s)),
            one().prop_map(Shape::Spawned),
            one().prop_map(Shape::Streamed),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Time is paused, so a run that waits for itself comes to its deadline of a year at once.
    #[test]
    fn whatever_is_nested_ends_and_keeps_the_limit(shape in shapes(), limit in 1..7_usize, items in 1..5_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let log = Log::new();
            let chain = shape.build(&log);
            let batch = chain.try_batch(vec![1; items]).max_concurrency(limit).config(Config::new().recursion_limit(100));
            let outcome = tokio::time::timeout(Duration::from_hours(24 * 365), batch).await;
            prop_assert!(outcome.is_ok(), "it waits for itself");
            prop_assert!(outcome.unwrap().is_ok());
            prop_assert!(shape.stops_tasks(false) || log.peak() <= limit, "{} at once under a limit of {limit}", log.peak());
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            prop_assert_eq!(log.running(), 0);
            Ok(())
        })?;
    }
}
