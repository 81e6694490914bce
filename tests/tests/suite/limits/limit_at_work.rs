//! The limit on what runs at once keeps nobody waiting without need, and gets back what it gave.

use catena::{BoxRunnable, CancellationToken, Config, parallel, prelude::*};
use catena_tests::{Log, secs};
use proptest::prelude::*;
use tokio::time::{Instant, sleep};

/// Takes so many seconds, under observation.
#[derive(Clone)]
struct Timed(Log, u64);

#[runnable]
impl Runnable<u64> for Timed {
    type Output = u64;
    async fn call(&self, n: u64, _cx: &Context) -> catena::Result<u64> {
        let call = self.0.begin();
        sleep(secs(self.1)).await;
        call.finish();
        Ok(n)
    }
}

fn most(limit: usize) -> Config {
    Config::new().max_concurrency(limit)
}

type Boxed = BoxRunnable<u64, u64>;

/// A batch inside a step.
struct InBatch(Boxed, usize);

#[runnable]
impl Runnable<u64> for InBatch {
    type Output = u64;
    async fn call(&self, n: u64, cx: &Context) -> catena::Result<u64> {
        Ok(self.0.try_batch(vec![n; self.1]).within(cx).await?.len() as u64)
    }
}

/// Fan-outs inside each other, in which nothing waits for anything but its place.
#[derive(Clone, Debug)]
enum Shape {
    Leaf(u64),
    Map(usize, Box<Shape>),
    Batch(usize, Box<Shape>),
    Parallel(Box<Shape>, Box<Shape>, Box<Shape>),
    Spawned(Box<Shape>),
}

impl Shape {
    fn build(&self, log: &Log) -> Boxed {
        match self {
            Shape::Leaf(seconds) => Timed(log.clone(), *seconds).boxed(),
            Shape::Map(n, shape) => {
                let (n, each) = (*n, shape.build(log).map());
                chain!(u64 => move |i| vec![i; n] | each | |all| all.len() as u64).boxed()
            }
            Shape::Batch(n, shape) => InBatch(shape.build(log), *n).boxed(),
            Shape::Parallel(a, b, c) => {
                let branches = parallel((a.build(log), b.build(log), c.build(log)));
                chain!(u64 => branches | |(a, b, c)| a + b + c).boxed()
            }
            Shape::Spawned(shape) => shape.build(log).spawned().boxed(),
        }
    }

    /// How many leaves it has, and how long they take in all.
    fn work(&self) -> (usize, u64) {
        match self {
            Shape::Leaf(seconds) => (1, *seconds),
            Shape::Map(n, shape) | Shape::Batch(n, shape) => {
                let (leaves, seconds) = shape.work();
                (n * leaves, *n as u64 * seconds)
            }
            Shape::Parallel(a, b, c) => {
                let all = [a.work(), b.work(), c.work()];
                (all.iter().map(|work| work.0).sum(), all.iter().map(|work| work.1).sum())
            }
            Shape::Spawned(shape) => shape.work(),
        }
    }

    fn longest(&self) -> u64 {
        match self {
            Shape::Leaf(seconds) => *seconds,
            Shape::Map(_, shape) | Shape::Batch(_, shape) | Shape::Spawned(shape) => shape.longest(),
            Shape::Parallel(a, b, c) => a.longest().max(b.longest()).max(c.longest()),
        }
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    (1..5_u64).prop_map(Shape::Leaf).prop_recursive(4, 24, 3, |inner| {
        let one = || inner.clone().prop_map(Box::new);
        prop_oneof![
            (1..5_usize, one()).prop_map(|(n, s)| Shape::Map(n, s)),
            (1..4_usize, one()).prop_map(|(n, s)| Shape::Batch(n, s)),
            (one(), one(), one()).prop_map(|(a, b, c)| Shape::Parallel(a, b, c)),
            one().prop_map(Shape::Spawned),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A place never stays empty while something waits for one. Then the run takes no longer than its work shared out
    /// among the places, and its longest piece; a place that gets lost, or a wait that is never ended, takes longer.
    #[test]
    fn no_place_stays_empty(shape in shapes(), limit in 1..7_usize, items in 1..5_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let log = Log::new();
            let chain = shape.build(&log);
            let (leaves, seconds) = shape.work();
            let (leaves, seconds, start) = (leaves * items, seconds * items as u64, Instant::now());
            let batch = chain.try_batch(vec![1; items]).max_concurrency(limit).config(Config::new().recursion_limit(100));
            prop_assert!(batch.await.is_ok());
            let (least, took) = (seconds.div_ceil(limit as u64), start.elapsed().as_secs());
            prop_assert_eq!((log.calls(), log.running()), (leaves, 0));
            prop_assert_eq!(log.peak(), leaves.min(limit), "the limit is kept and reached");
            prop_assert!(took >= least && took <= least + shape.longest(), "{} s, where {} s are least", took, least);
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn what_runs_out_of_time_gives_its_places_back() -> catena::Result<()> {
    let (slow, quick) = (Log::new(), Log::new());
    let late = Timed(slow.clone(), 100).map().timeout(secs(1));
    let list = Timed(quick.clone(), 1).map();
    let chain = chain!(Vec<u64> => <late?: late, list: list>);
    let out = chain.invoke_with(vec![0; 40], most(4)).await?;
    assert!(out.late.is_err());
    assert_eq!((slow.running(), quick.calls(), quick.peak()), (0, 40, 4));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_cancelled_gives_its_places_back() -> catena::Result<()> {
    let (slow, quick, token) = (Log::new(), Log::new(), CancellationToken::new());
    // A limit of its own, too: of each place that it gives, the run has given one.
    let part = Timed(slow.clone(), 100).spawned().map().with_config(most(3).cancel(token.clone()));
    let list = Timed(quick.clone(), 1).map();
    let chain = chain!(Vec<u64> => <part?: part, list: list>);
    let run = chain.invoke_with(vec![0; 40], most(4));
    let (out, ()) = futures_util::join!(run, async {
        sleep(secs(2)).await;
        token.cancel();
    });
    assert!(out?.part.is_err());
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!((slow.running(), quick.calls(), quick.peak()), (0, 40, 4));
    Ok(())
}

/// Gives way so many times, on whichever thread.
#[derive(Clone)]
struct Yielding(Log);

#[runnable]
impl Runnable<u64> for Yielding {
    type Output = u64;
    async fn call(&self, n: u64, _cx: &Context) -> catena::Result<u64> {
        let call = self.0.begin();
        for _ in 0..n % 5 {
            tokio::task::yield_now().await;
        }
        call.finish();
        Ok(n)
    }
}

/// Parts of a run are cancelled at all sorts of moments, while others wait for their places on other threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parts_that_are_cancelled_stop_nobody_else() -> catena::Result<()> {
    for round in 0..300 {
        let (log, token) = (Log::new(), CancellationToken::new());
        let each = || Yielding(log.clone()).spawned();
        let part = parallel((each(), each(), each())).map().spawned().with_config(most(2).cancel(token.clone()));
        let list = parallel((each(), each())).map().spawned();
        let chain = chain!(Vec<u64> => <part?: part, list: list>);
        let cancel = tokio::spawn(async move {
            for _ in 0..round % 60 {
                tokio::task::yield_now().await;
            }
            token.cancel();
        });
        let run = chain.invoke_with((0..20).collect(), most(1 + round % 5));
        // Long enough for any machine: only a run that waits for itself comes to it.
        let out = tokio::time::timeout(secs(60), run).await.expect("nothing waits for itself")?;
        assert_eq!(out.list.len(), 20);
        assert!(log.peak() <= 1 + round % 5 || out.part.is_err(), "{} at once in round {round}", log.peak());
        cancel.await.unwrap();
    }
    Ok(())
}
