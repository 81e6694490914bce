//! Recursion is a step that is inside itself, not one that is nested: how deep chains may be, and what ends those without an end.

use catena::{BoxRunnable, Config, ErrorKind, Listeners, Retry, Router, lazy, prelude::*};
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

/// Succeeds on one number alone.
fn model(number: u32) -> impl Runnable<u32, Output = u32> + Clone {
    chain!(u32 => move |asked| {
        if asked == number { number } else { Err(catena::Error::msg(format!("{number} is not asked")))? }
    })
}

/// Models in boxes around each other, the first of them innermost.
fn tower(height: u32) -> BoxRunnable<u32, u32> {
    let mut all = model(0).boxed();
    for number in 1..height {
        all = all.fallback(model(number)).boxed();
    }
    all
}

/// Boxes around each other, each of which adds one.
fn counted(height: u32) -> BoxRunnable<u32, u32> {
    let mut all = chain!(u32 => |n| n).boxed();
    for _ in 0..height {
        let inner = all;
        all = chain!(u32 => inner | |n| n + 1).boxed();
    }
    all
}

/// Under no settings, under a limit that says nothing of this, and under observation.
fn settings() -> [Config; 3] {
    [Config::new(), Config::new().recursion_limit(3), Config::new().listen(Listeners::new().on_start(|_| {}))]
}

#[tokio::test]
async fn every_model_of_a_long_row_of_fallbacks_is_asked() -> catena::Result<()> {
    for height in [30, 100] {
        let all = tower(height);
        for number in [0, 1, 5, 6, height - 1] {
            assert_eq!(all.invoke(number).await?, number);
            for config in settings() {
                assert_eq!(all.invoke_with(number, config).await?, number);
            }
            let chunks: Vec<_> = all.stream(number).map(Result::unwrap).collect().await;
            assert_eq!(chunks, [number]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn boxes_within_boxes_are_no_recursion() -> catena::Result<()> {
    for height in [26, 30, 200] {
        let all = counted(height);
        assert_eq!(all.invoke(1).await?, height + 1);
        // The contexts that the boxes have kept by now serve no other run.
        for config in settings() {
            assert_eq!(all.invoke_with(1, config).await?, height + 1);
        }
        assert_eq!(all.invoke(1).await?, height + 1);
        assert_eq!(all.stream(1).next().await.unwrap()?, height + 1);
    }
    Ok(())
}

#[tokio::test]
async fn boxes_made_on_the_way_are_no_recursion_either() -> catena::Result<()> {
    #[runnable]
    async fn makes(n: u32, cx: &Context) -> catena::Result<u32> {
        counted(60).call(n, cx).await
    }
    let all = makes.boxed();
    assert_eq!(all.invoke(0).await?, 60);
    let inner = all.clone();
    let around = chain!(u32 => inner | makes | all).boxed();
    assert_eq!(around.invoke(0).await?, 180);
    Ok(())
}

#[tokio::test]
async fn one_box_used_in_many_places_at_once_is_no_recursion() -> catena::Result<()> {
    let shared = chain!(u32 => |n| n + 1).boxed();
    let mut all = chain!(u32 => |n| n).boxed();
    for _ in 0..40 {
        let (inner, shared) = (all, shared.clone());
        all = chain!(u32 => shared | inner).boxed();
    }
    assert_eq!(all.invoke(0).await?, 40);
    assert_eq!(all.map().invoke(vec![0; 50]).await?, [40; 50]);
    Ok(())
}

/// How often a step has run.
#[derive(Clone, Default)]
struct Turns(Arc<AtomicU32>);

impl Turns {
    fn one(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn taken(&self) -> u32 {
        self.0.swap(0, Relaxed)
    }
}

type Itself = Arc<OnceLock<BoxRunnable<u32, u32>>>;

/// Calls what is in the cell, as long as its input is not zero.
fn calls(itself: &Itself, turns: &Turns) -> impl Runnable<u32, Output = u32> + Clone + use<> {
    #[derive(Clone)]
    struct Calls(Itself, Turns);

    #[runnable]
    impl Runnable<u32> for Calls {
        type Output = u32;
        async fn call(&self, n: u32, cx: &Context) -> catena::Result<u32> {
            self.1.one();
            if n == 0 {
                return Ok(0);
            }
            let inner: BoxFuture<'_, _> = self.0.get().expect("it is set").call(n - 1, cx).boxed();
            Ok(1 + inner.await?)
        }
    }
    Calls(Arc::clone(itself), turns.clone())
}

async fn ends(all: &BoxRunnable<u32, u32>, turns: &Turns, what: &str) {
    for limit in [None, Some(2), Some(7), Some(40)] {
        let config = || limit.map_or(Config::new(), |limit| Config::new().recursion_limit(limit));
        let limit = limit.unwrap_or(25);
        for config in [config(), config().listen(Listeners::new().on_start(|_| {}))] {
            turns.taken();
            let error = all.invoke_with(1_000_000, config).await.unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Recursion { limit }, "{what}");
            assert_eq!(turns.taken(), limit, "{what}");
        }
        assert_eq!(all.invoke_with(limit - 1, config()).await.unwrap(), limit - 1, "{what}");
    }
    turns.taken();
    let error = all.invoke(1_000_000).await.unwrap_err();
    assert_eq!((error.kind(), turns.taken()), (&ErrorKind::Recursion { limit: 25 }, 25), "{what}");
    let error = all.stream(1_000_000).next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 25 }, "{what}");
    turns.taken();
}

#[tokio::test]
async fn a_box_inside_itself_ends() {
    let (itself, turns) = (Itself::default(), Turns::default());
    itself.set(calls(&itself, &turns).boxed()).ok().expect("it was empty");
    ends(itself.get().unwrap(), &turns, "by a cell").await;
}

#[tokio::test]
async fn a_box_inside_itself_by_way_of_many_others_ends() {
    let (itself, turns) = (Itself::default(), Turns::default());
    let mut all = calls(&itself, &turns).boxed();
    for _ in 0..4 {
        let inner = all;
        all = chain!(u32 => inner).boxed();
    }
    itself.set(all).ok().expect("it was empty");
    ends(itself.get().unwrap(), &turns, "by others").await;
}

#[tokio::test]
async fn a_router_that_reaches_itself_ends() {
    let (itself, turns) = (Itself::default(), Turns::default());
    let router = Router::new([("again", calls(&itself, &turns).boxed())]);
    itself.set(chain!(u32 => |n| record! { key: "again", input: n } | router).boxed()).ok().expect("it was empty");
    ends(itself.get().unwrap(), &turns, "by a router").await;
}

#[tokio::test]
async fn a_step_in_a_task_of_its_own_and_a_map_inside_themselves_end() {
    let (itself, turns) = (Itself::default(), Turns::default());
    let step = calls(&itself, &turns).spawned();
    itself.set(chain!(u32 => |n| vec![n] | step.map() | |all| all[0]).boxed()).ok().expect("it was empty");
    ends(itself.get().unwrap(), &turns, "by a task").await;
}

static TURNS: AtomicU32 = AtomicU32::new(0);

/// Takes a turn for each that is left.
fn downwards() -> BoxRunnable<u32, u32> {
    chain!(u32 => |n| { TURNS.fetch_add(1, Relaxed); n } | match {
        0 => |_| 0,
        _ => |n| n - 1 | lazy(downwards) | |n| n + 1,
    })
    .boxed()
}

#[tokio::test]
async fn a_chain_that_is_made_on_each_turn_ends() {
    let all = downwards();
    assert_eq!(all.invoke(24).await.unwrap(), 24);
    for limit in [None, Some(3)] {
        let config = limit.map_or(Config::new(), |limit| Config::new().recursion_limit(limit));
        let limit = limit.unwrap_or(25);
        TURNS.store(0, Relaxed);
        let error = all.invoke_with(1_000_000, config).await.unwrap_err();
        assert_eq!((error.kind(), TURNS.load(Relaxed)), (&ErrorKind::Recursion { limit }, limit));
    }
}

#[tokio::test]
async fn steps_that_make_each_other_end() {
    fn even() -> BoxRunnable<u32, bool> {
        chain!(u32 => match { 0 => |_| true, _ => |n| n - 1 | lazy(odd) }).boxed()
    }
    fn odd() -> BoxRunnable<u32, bool> {
        chain!(u32 => match { 0 => |_| false, _ => |n| n - 1 | lazy(even) }).boxed()
    }
    // Each of the two has its 25 turns.
    assert!(even().invoke(48).await.unwrap());
    let error = even().invoke(1_000_000).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 25 });
}

#[tokio::test]
async fn nothing_recovers_from_recursion() {
    let (itself, turns) = (Itself::default(), Turns::default());
    let other = chain!(u32 => |_| 7);
    let around = calls(&itself, &turns).fallback(other.clone()).retry(Retry::attempts(3).when(|_| true));
    itself.set(around.boxed()).ok().expect("it was empty");
    let all = itself.get().unwrap();
    ends(all, &turns, "by a fallback").await;
    let told = all.clone().fallback_with_error(chain!(catena::Failed<u32> => |_| 7));
    assert_eq!(told.invoke(1_000_000).await.unwrap_err().kind(), &ErrorKind::Recursion { limit: 25 });
    assert_eq!(told.stream(1_000_000).next().await.unwrap().unwrap_err().kind(), &ErrorKind::Recursion { limit: 25 });

    // A settled field holds the error.
    let all = all.clone();
    let settled = chain!(u32 => <all?: all, n: _>).invoke(1_000_000).await.unwrap();
    assert_eq!(settled.all.unwrap_err().kind(), &ErrorKind::Recursion { limit: 25 });
}

/// Runs this on a thread with as much stack as one of tokio's has.
fn on_a_workers_stack(work: impl Future<Output = ()> + Send + 'static) {
    let run = move || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work);
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn hundreds_of_turns_fit_on_the_stack_of_a_worker() {
    on_a_workers_stack(async {
        let limit = || Config::new().recursion_limit(301);
        let observed = || limit().listen(Listeners::new().on_start(|_| {}));
        let (itself, turns) = (Itself::default(), Turns::default());
        let step = calls(&itself, &turns).timeout(Duration::from_mins(1));
        itself.set(chain!(u32 => step | |n| n).boxed()).ok().expect("it was empty");
        let all = itself.get().unwrap();
        // A turn that is observed takes some 7 KB without optimisation, others 3.
        for (config, deep) in [(limit(), 300), (limit().max_concurrency(3), 300), (observed(), 280)] {
            assert_eq!(all.invoke_with(deep, config).await.unwrap(), deep);
        }
        assert_eq!(downwards().invoke_with(300, limit()).await.unwrap(), 300);
        assert_eq!(downwards().invoke_with(250, observed()).await.unwrap(), 250);
        assert_eq!(downwards().stream_with(250, observed()).next().await.unwrap().unwrap(), 250);
    });
}

#[test]
fn a_hundred_turns_with_fan_outs_fit_on_the_stack_of_a_worker() {
    on_a_workers_stack(async {
        let limit = || Config::new().recursion_limit(101);
        let observed = || limit().listen(Listeners::new().on_start(|_| {}));
        for fan in 0..3 {
            let (itself, turns) = (Itself::default(), Turns::default());
            let step = calls(&itself, &turns);
            let slow = chain!(u32 => |n| { std::future::pending::<()>().await; n });
            let chain = match fan {
                0 => chain!(u32 => |n| vec![n] | step.map() | |all| all[0]).boxed(),
                1 => chain!(u32 => <a: step, b: |n| n> | .a).boxed(),
                _ => step.race(slow).boxed(),
            };
            itself.set(chain).ok().expect("it was empty");
            let all = itself.get().unwrap();
            for config in [limit(), limit().max_concurrency(300), observed()] {
                assert_eq!(all.invoke_with(100, config).await.unwrap(), 100);
            }
        }
    });
}
