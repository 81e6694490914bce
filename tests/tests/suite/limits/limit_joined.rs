//! One limit for all that a step starts, when it joins several fan-outs, or calls one while another is under way.

use catena::{BoxRunnable, Config, parallel, prelude::*};
use catena_tests::{Log, ms, secs};
use futures_util::{
    StreamExt,
    future::{BoxFuture, join_all, try_join_all},
    stream::FuturesUnordered,
};
use proptest::prelude::*;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

type Boxed = BoxRunnable<u64, u64>;
type Work<'a> = BoxFuture<'a, catena::Result<u64>>;

/// Takes its time, and counts how many do at once.
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

fn most(limit: usize) -> Config {
    Config::new().max_concurrency(limit)
}

/// A step that is a function of its input and context.
struct By<F>(F);

#[runnable]
impl<F> Runnable<u64> for By<F>
where
    F: for<'a> Fn(u64, &'a Context) -> Work<'a> + Send + Sync,
{
    type Output = u64;
    async fn call(&self, n: u64, cx: &Context) -> catena::Result<u64> {
        (self.0)(n, cx).await
    }
}

fn by<F>(call: F) -> Boxed
where
    F: for<'a> Fn(u64, &'a Context) -> Work<'a> + Send + Sync + 'static,
{
    By(call).boxed()
}

#[tokio::test(start_paused = true)]
async fn joined_maps_share_the_limit() {
    for limit in 1..=6 {
        for observed in [false, true] {
            let log = Log::new();
            let maps: Vec<_> = (0..5).map(|_| Timed(log.clone(), secs(1)).map()).collect();
            let maps = std::sync::Arc::new(maps);
            let step = by(move |n, cx| {
                let maps = maps.clone();
                Box::pin(async move {
                    let all = try_join_all(maps.iter().map(|map| map.call(vec![n; 2], cx))).await?;
                    Ok(all.len() as u64)
                })
            });
            let config = most(limit);
            let config = if observed { config.listen(catena::Listeners::new().on_start(|_| {})) } else { config };
            let start = Instant::now();
            step.invoke_with(1, config).await.unwrap();
            assert_eq!((log.peak(), log.calls()), (limit, 10), "{limit}");
            assert_eq!(start.elapsed(), secs(10_u64.div_ceil(limit as u64)), "{limit}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn joined_fan_outs_of_all_kinds_share_the_limit() {
    for limit in 1..=4 {
        let log = Log::new();
        let leaf = || Timed(log.clone(), secs(1));
        let (map, both, race) = (leaf().map(), parallel((leaf(), leaf())), leaf().race(leaf()));
        let (list, streamed) = (leaf(), parallel((leaf(), leaf())).boxed_stream());
        let parts = std::sync::Arc::new((map, both, race, list, streamed));
        let step = by(move |n, cx| {
            let parts = parts.clone();
            Box::pin(async move {
                let (map, both, race, list, streamed) = &*parts;
                let batch = async { list.try_batch([n, n, n]).within(cx).await };
                let completed = async { Ok(list.batch_as_completed([n, n]).within(cx).count().await) };
                let chunks = async { Ok(streamed.call_stream(n, cx).count().await) };
                let (a, ..) = futures_util::try_join!(
                    map.call(vec![n; 3], cx),
                    both.call(n, cx),
                    race.call(n, cx),
                    batch,
                    completed,
                    chunks
                )?;
                Ok(a.len() as u64)
            })
        });
        timeout(secs(1000), step.invoke_with(1, most(limit))).await.unwrap().unwrap();
        assert_eq!(log.peak(), limit);
    }
}

#[tokio::test(start_paused = true)]
async fn steps_that_join_steps_that_join_share_the_limit() {
    for limit in 1..=5 {
        let log = Log::new();
        let leaf = Timed(log.clone(), secs(1)).map();
        let inner = by(move |n, cx| {
            let leaf = leaf.clone();
            Box::pin(async move {
                let all = try_join_all((0..3).map(|_| leaf.call(vec![n; 2], cx))).await?;
                Ok(all.len() as u64)
            })
        });
        let map = inner.map();
        let outer = by(move |n, cx| {
            let map = map.clone();
            Box::pin(async move {
                let all = try_join_all((0..2).map(|_| map.call(vec![n; 2], cx))).await?;
                Ok(all.len() as u64)
            })
        });
        let start = Instant::now();
        timeout(secs(1000), outer.invoke_with(1, most(limit))).await.unwrap().unwrap();
        assert_eq!((log.peak(), log.calls()), (limit, 24));
        assert!(start.elapsed() <= secs(24_u64.div_ceil(limit as u64) + 3), "{:?} by {limit}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_fan_out_while_another_waits_to_be_read_has_its_turn() {
    for limit in 1..=3 {
        let log = Log::new();
        let (leaf, map) = (Timed(log.clone(), secs(1)), Timed(log.clone(), secs(1)).map());
        let streamed = parallel((leaf.clone(), leaf.clone(), leaf.clone())).boxed_stream();
        let parts = std::sync::Arc::new((leaf, map, streamed));
        let step = by(move |n, cx| {
            let parts = parts.clone();
            Box::pin(async move {
                let (leaf, map, streamed) = &*parts;
                let mut batch = leaf.batch_as_completed([n; 5]).within(cx);
                while let Some((_, result)) = batch.next().await {
                    map.call(vec![result?; 3], cx).await?;
                }
                let mut chunks = streamed.call_stream(n, cx);
                while let Some(chunk) = chunks.next().await {
                    chunk?;
                    map.call(vec![n; 3], cx).await?;
                }
                let mut items = map.call_stream(vec![n; 4], cx);
                while let Some(item) = items.next().await {
                    map.call(vec![item?.1; 3], cx).await?;
                }
                Ok(n)
            })
        });
        timeout(secs(1000), step.invoke_with(1, most(limit))).await.unwrap().unwrap();
        assert_eq!(log.calls(), 12 + 36);
    }
}

#[tokio::test(start_paused = true)]
async fn a_fan_out_that_is_not_polled_holds_up_no_other() {
    for limit in 1..=2 {
        let log = Log::new();
        let map = Timed(log.clone(), secs(10)).map();
        let step = by(move |n, cx| {
            let map = map.clone();
            Box::pin(async move {
                let mut first = Box::pin(map.call(vec![n; 3], cx));
                // The first one has begun, and is not polled while the second one runs.
                tokio::select! {
                    biased;
                    outcome = &mut first => panic!("{outcome:?} within a second"),
                    () = sleep(secs(1)) => map.call(vec![n; 3], cx).await?,
                };
                Ok(first.await?.len() as u64)
            })
        });
        timeout(secs(1000), step.invoke_with(1, most(limit))).await.unwrap().unwrap();
        assert_eq!(log.calls(), 6);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_that_a_step_starts_share_the_limit() {
    for limit in 1..=3 {
        let log = Log::new();
        let map = std::sync::Arc::new(Timed(log.clone(), ms(1)).map());
        let step = by(move |n, cx| {
            let (map, cx) = (map.clone(), cx.clone());
            Box::pin(async move {
                let tasks = (0..8).map(|_| {
                    let (map, cx) = (map.clone(), cx.clone());
                    tokio::spawn(async move { map.call(vec![n; 5], &cx).await })
                });
                join_all(tasks).await.into_iter().for_each(|task| assert_eq!(task.unwrap().unwrap().len(), 5));
                Ok(n)
            })
        });
        timeout(secs(60), step.invoke_with(1, most(limit))).await.unwrap().unwrap();
        assert!(log.peak() <= limit, "{} at once of {limit}", log.peak());
    }
}

/// Fan-outs inside each other, joined by steps, at random.
#[derive(Clone, Debug)]
enum Shape {
    Leaf(u64),
    Map(usize, Box<Shape>),
    Parallel(Box<Shape>, Box<Shape>),
    Race(Box<Shape>, Box<Shape>),
    Batch(usize, Box<Shape>),
    Spawned(Box<Shape>),
    Join(usize, Vec<Shape>),
    Read(Box<Shape>, Box<Shape>),
}

impl Shape {
    fn build(&self, log: &Log) -> Boxed {
        match self {
            Shape::Leaf(millis) => Timed(log.clone(), ms(*millis)).boxed(),
            Shape::Map(n, shape) => {
                let (n, each) = (*n, shape.build(log).map());
                chain!(u64 => move |i| vec![i; n] | each | |all| all.len() as u64).boxed()
            }
            Shape::Parallel(a, b) => parallel((a.build(log), b.build(log))).boxed_sum(),
            Shape::Race(a, b) => a.build(log).race(b.build(log)).boxed(),
            Shape::Batch(n, shape) => {
                let (n, shape) = (*n, shape.build(log));
                by(move |i, cx| {
                    let shape = shape.clone();
                    Box::pin(async move { Ok(shape.try_batch(vec![i; n]).within(cx).await?.len() as u64) })
                })
            }
            Shape::Spawned(shape) => shape.build(log).spawned().boxed(),
            Shape::Join(n, shapes) => {
                let maps: Vec<_> = shapes.iter().map(|shape| shape.build(log).map()).collect();
                let (n, maps) = (*n, std::sync::Arc::new(maps));
                by(move |i, cx| {
                    let maps = maps.clone();
                    Box::pin(async move {
                        if i % 2 == 0 {
                            try_join_all(maps.iter().map(|map| map.call(vec![i; n], cx))).await?;
                        } else {
                            let mut all: FuturesUnordered<_> =
                                maps.iter().map(|map| map.call(vec![i; n], cx)).collect();
                            while let Some(outcome) = all.next().await {
                                outcome?;
                            }
                        }
                        Ok(i + 1)
                    })
                })
            }
            Shape::Read(outer, inner) => {
                let (outer, inner) = (outer.build(log), inner.build(log).map());
                by(move |i, cx| {
                    let (outer, inner) = (outer.clone(), inner.clone());
                    Box::pin(async move {
                        let mut results = outer.batch_as_completed([i, i + 1]).within(cx);
                        while let Some((_, result)) = results.next().await {
                            inner.call(vec![result?; 2], cx).await?;
                        }
                        Ok(i)
                    })
                })
            }
        }
    }

    /// Whether every fan-out is polled until its end, and no task is stopped: then the limit is kept to the letter.
    fn is_steady(&self, in_race: bool) -> bool {
        match self {
            Shape::Leaf(_) => true,
            Shape::Read(..) => false,
            Shape::Spawned(shape) => !in_race && shape.is_steady(in_race),
            Shape::Map(_, shape) | Shape::Batch(_, shape) => shape.is_steady(in_race),
            Shape::Race(a, b) => a.is_steady(true) && b.is_steady(true),
            Shape::Parallel(a, b) => a.is_steady(in_race) && b.is_steady(in_race),
            Shape::Join(_, shapes) => shapes.iter().all(|shape| shape.is_steady(in_race)),
        }
    }

    /// How many leaves run, if none is stopped.
    fn leaves(&self) -> Option<usize> {
        match self {
            Shape::Leaf(_) => Some(1),
            Shape::Race(..) => None,
            Shape::Spawned(shape) => shape.leaves(),
            Shape::Map(n, shape) | Shape::Batch(n, shape) => Some(n * shape.leaves()?),
            Shape::Parallel(a, b) => Some(a.leaves()? + b.leaves()?),
            Shape::Join(n, shapes) => shapes.iter().map(Shape::leaves).sum::<Option<usize>>().map(|all| n * all),
            Shape::Read(a, b) => Some(2 * a.leaves()? + 4 * b.leaves()?),
        }
    }
}

/// A parallel map of two as one number.
trait Sum {
    fn boxed_sum(self) -> Boxed;
}

impl<R: Runnable<u64, Output = (u64, u64)> + 'static> Sum for R {
    fn boxed_sum(self) -> Boxed {
        chain!(u64 => self | |both| both.0 + both.1).boxed()
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    (0..4_u64).prop_map(Shape::Leaf).prop_recursive(4, 16, 3, |inner| {
        let one = || inner.clone().prop_map(Box::new);
        prop_oneof![
            (1..4_usize, one()).prop_map(|(n, s)| Shape::Map(n, s)),
            (one(), one()).prop_map(|(a, b)| Shape::Parallel(a, b)),
            (one(), one()).prop_map(|(a, b)| Shape::Race(a, b)),
            (1..4_usize, one()).prop_map(|(n, s)| Shape::Batch(n, s)),
            one().prop_map(Shape::Spawned),
            (1..3_usize, proptest::collection::vec(inner.clone(), 1..4)).prop_map(|(n, s)| Shape::Join(n, s)),
            (one(), one()).prop_map(|(a, b)| Shape::Read(a, b)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Everything ends, whatever the limit, and no more than the limit is at work.
    #[test]
    fn the_limit_is_kept_and_nothing_waits_for_ever(shape in shapes(), limit in 1..6_usize, observed: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let log = Log::new();
            let chain = shape.build(&log);
            let config = if observed { most(limit).listen(catena::Listeners::new().on_start(|_| {})) } else { most(limit) };
            let outcome = timeout(secs(600), chain.invoke_with(1, config)).await;
            prop_assert!(outcome.is_ok(), "it waits for ever");
            prop_assert!(outcome.unwrap().is_ok());
            if let Some(leaves) = shape.leaves() {
                prop_assert_eq!(log.calls(), leaves);
            }
            if shape.is_steady(false) {
                prop_assert!(log.peak() <= limit, "{} at once of {}", log.peak(), limit);
            }
            Ok(())
        })?;
    }
}
