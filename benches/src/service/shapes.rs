//! Runs that wait, as chains and as others write them: what thousands of them take is measured by `in_flight` and `under_load`.

use crate::case::{BY_HAND, CATENA, kept};
use catena::{Error, Result, Retry, prelude::*};
use futures_util::{FutureExt, TryFutureExt, future, try_join};
use rig_core::pipeline::{self, Op, TryOp, then};
use std::{
    future::Future,
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;
use tower::{ServiceExt, service_fn};

/// What runs do.
pub struct Shape {
    pub name: &'static str,
    pub contenders: Vec<Contender>,
}

/// One way to do it.
pub struct Contender {
    pub who: &'static str,
    /// Of the future of one run.
    pub size: usize,
    /// One run in a task of its own, that waits so many milliseconds.
    pub spawn: Box<dyn Fn(u64) -> JoinHandle<Result<u64>>>,
    /// So many runs, one after another, in a task of their own, which begins after some milliseconds. How long each took, beyond
    /// what it waited.
    pub repeat: Box<dyn Fn(Repeat) -> JoinHandle<Vec<Duration>>>,
}

/// Runs one after another.
#[derive(Clone, Copy)]
pub struct Repeat {
    pub after: u64,
    pub milliseconds: u64,
    pub times: usize,
}

impl Shape {
    fn new(name: &'static str) -> Self {
        Shape { name, contenders: Vec::new() }
    }

    fn by<F, Fut>(mut self, who: &'static str, call: F) -> Self
    where
        F: Fn(u64) -> Fut + Copy + Send + Sync + 'static,
        Fut: Future<Output = Result<u64>> + Send + 'static,
    {
        let size = size_of_val(&call(0));
        let spawn = move |milliseconds| tokio::spawn(call(milliseconds));
        let repeat = move |Repeat { after, milliseconds, times }| {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(after)).await;
                let mut took = Vec::with_capacity(times);
                for _ in 0..times {
                    let begun = Instant::now();
                    let outcome = call(milliseconds).await;
                    took.push(begun.elapsed().saturating_sub(Duration::from_millis(milliseconds)));
                    assert!(outcome.is_ok(), "{who} fails");
                }
                took
            })
        };
        self.contenders.push(Contender { who, size, spawn: Box::new(spawn), repeat: Box::new(repeat) });
        self
    }
}

/// Waits as long as it is told to, as for a server that needs so long.
#[runnable]
async fn ask(milliseconds: u64) -> Result<u64> {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    Ok(milliseconds)
}

/// Shaped like a prompt: ready at once.
#[runnable]
fn begin(n: u64) -> u64 {
    n.wrapping_add(0)
}

/// Shaped like a parser.
#[runnable]
fn finish(n: u64) -> u64 {
    n ^ 0x55
}

/// Longer than anything waits.
const LONG: Duration = Duration::from_hours(10);

/// The sequence and the map of what services do first: these are put under load, too.
pub fn all() -> Vec<Shape> {
    vec![sequence(), guarded_map(), waits(), map_of_three(), retry(), timeout(), fallback(), boxed(), spawned()]
}

fn sequence() -> Shape {
    let chain = kept(chain!(u64 => begin | ask | finish));
    let service = kept(service_fn(|n| ask::function(begin::function(n))).map_response(finish::function));
    let pipeline = kept(
        pipeline::new().map(begin::function).chain(then(ask::function)).map(|n: Result<u64>| n.map(finish::function)),
    );
    Shape::new("3 steps, of which one waits")
        .by(BY_HAND, |n| async move { Ok(finish::function(ask::function(begin::function(n)).await?)) })
        .by(CATENA, |n| chain.invoke(n))
        .by("futures", |n| ask::function(begin::function(n)).map_ok(finish::function))
        .by("tower", |n| service.clone().oneshot(n))
        .by("rig", |n| pipeline.call(n))
}

fn waits() -> Shape {
    let chain = kept(chain!(u64 => ask | ask | ask));
    let service = kept(service_fn(ask::function).and_then(ask::function).and_then(ask::function));
    let pipeline = kept(pipeline::new().then(ask::function).and_then(ask::function).and_then(ask::function));
    Shape::new("3 steps that wait")
        .by(BY_HAND, |n| async move { ask::function(ask::function(ask::function(n).await?).await?).await })
        .by(CATENA, |n| chain.invoke(n))
        .by("futures", |n| ask::function(n).and_then(ask::function).and_then(ask::function))
        .by("tower", |n| service.clone().oneshot(n))
        .by("rig", |n| pipeline.try_call(n))
}

fn map_of_three() -> Shape {
    let chain = kept(chain!(u64 => <a: ask, b: ask, c: ask> | |r| r.a ^ r.b ^ r.c));
    Shape::new("a map of 3 that wait")
        .by(BY_HAND, |n| async move {
            let (a, b, c) = try_join!(ask::function(n), ask::function(n), ask::function(n))?;
            Ok(a ^ b ^ c)
        })
        .by(CATENA, |n| chain.invoke(n))
}

async fn tried<F: Future<Output = Result<u64>>>(times: u32, work: impl Fn() -> F) -> Result<u64> {
    let (mut attempt, mut delay) = (1, Duration::from_millis(200));
    loop {
        match work().await {
            Err(error) if attempt < times && error.is_retryable() => {
                tokio::time::sleep(delay).await;
                delay *= 2;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn timed(work: impl Future<Output = Result<u64>>) -> Result<u64> {
    tokio::time::timeout(LONG, work).await.map_err(|_| Error::msg("too late"))?
}

fn retry() -> Shape {
    let chain = kept(chain!(u64 => ask.retry(Retry::attempts(3))));
    Shape::new("a retry around what waits")
        .by(BY_HAND, |n| tried(3, move || ask::function(n)))
        .by(CATENA, |n| chain.invoke(n))
}

fn timeout() -> Shape {
    let chain = kept(chain!(u64 => ask.timeout(LONG)));
    Shape::new("a timeout around what waits").by(BY_HAND, |n| timed(ask::function(n))).by(CATENA, |n| chain.invoke(n))
}

fn fallback() -> Shape {
    let chain = kept(chain!(u64 => ask.fallback(ask)));
    Shape::new("a fallback for what waits")
        .by(BY_HAND, |n| async move {
            match ask::function(n).await {
                Err(_) => ask::function(n).await,
                outcome => outcome,
            }
        })
        .by(CATENA, |n| chain.invoke(n))
}

fn guarded_map() -> Shape {
    let chain = kept(chain!(u64 =>
        begin
        | <
            a: ask.timeout(LONG).retry(Retry::attempts(3)).fallback(ask.timeout(LONG)),
            b: ask.timeout(LONG).retry(Retry::attempts(3)).fallback(ask.timeout(LONG)),
            c: ask.timeout(LONG).retry(Retry::attempts(3)).fallback(ask.timeout(LONG)),
        >
        | |r| r.a ^ r.b ^ r.c
    ));
    async fn guarded(n: u64) -> Result<u64> {
        match tried(3, move || timed(ask::function(n))).await {
            Err(_) => timed(ask::function(n)).await,
            outcome => outcome,
        }
    }
    Shape::new("a map of 3 with timeouts, retries and fallbacks")
        .by(BY_HAND, |n| async move {
            let n = begin::function(n);
            let (a, b, c) = try_join!(guarded(n), guarded(n), guarded(n))?;
            Ok(a ^ b ^ c)
        })
        .by(CATENA, |n| chain.invoke(n))
}

fn boxed() -> Shape {
    let chain = kept(chain!(u64 => begin | ask | finish).boxed());
    Shape::new("3 steps behind a pointer")
        .by(BY_HAND, |n| -> future::BoxFuture<'static, Result<u64>> {
            async move { Ok(finish::function(ask::function(begin::function(n)).await?)) }.boxed()
        })
        .by(CATENA, |n| chain.invoke(n))
}

fn spawned() -> Shape {
    let chain = kept(chain!(u64 => begin | ask.spawned() | finish));
    Shape::new("3 steps, of which one waits in a task of its own")
        .by(BY_HAND, |n| async move {
            let task = tokio::spawn(ask::function(begin::function(n)));
            Ok(finish::function(task.await.map_err(|error| Error::msg(error.to_string()))??))
        })
        .by(CATENA, |n| chain.invoke(n))
}
