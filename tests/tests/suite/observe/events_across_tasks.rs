//! Events of steps in other tasks and on other threads: none hangs, none is lost, none is late.

use catena::{Config, Event, EventKind, Events, prelude::*};
use catena_tests::{ms, secs};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    time::Duration,
};
use tokio::time::{Instant, sleep};

#[runnable]
fn quick(n: u64) -> u64 {
    n
}

#[runnable]
fn pieces(n: u64) -> impl Stream<Item = u64> + Send {
    stream::iter(n..n + 3)
}

/// Emits 200 events, all in one go.
#[runnable]
fn at_once(n: u64, cx: &Context) -> u64 {
    for number in 0..200 {
        cx.emit("number", || n * 1000 + number);
    }
    n
}

/// Emits 200 events, and waits in between as if each went over a network.
#[runnable]
async fn one_by_one(n: u64, cx: &Context) -> u64 {
    for number in 0..200 {
        cx.emit("number", || n * 1000 + number);
        tokio::task::yield_now().await;
    }
    n
}

#[runnable(blocking)]
fn on_a_thread(n: u64, cx: &Context) -> u64 {
    for number in 0..200 {
        cx.emit("number", || n * 1000 + number);
    }
    n
}

/// Many small runs, each of which waits for room.
#[runnable]
async fn many_runs(n: u64, cx: &Context) -> catena::Result<u64> {
    for number in 0..50 {
        quick.call(number, cx).await?;
    }
    Ok(n)
}

/// All events, or nothing if they do not end.
async fn all(events: Events<'_>) -> Option<Vec<Event>> {
    tokio::time::timeout(secs(60), events.try_collect()).await.ok()?.ok()
}

fn numbers(events: &[Event], of: u64) -> Vec<u64> {
    let numbers = events.iter().filter_map(|event| match &event.kind {
        EventKind::Custom { data, .. } => data.as_ref().and_then(|data| data.as_u64()),
        _ => None,
    });
    numbers.filter(|number| number / 1000 == of).collect()
}

fn expected(of: u64) -> Vec<u64> {
    (0..200).map(|number| of * 1000 + number).collect()
}

#[tokio::test(start_paused = true)]
async fn a_queue_of_one_is_enough_for_a_task() {
    let spawned = quick.spawned();
    assert_eq!(all(spawned.events(1).capacity(1)).await.unwrap().len(), 3);
    let nested = chain!(u64 => spawned.clone() | quick).spawned();
    assert_eq!(all(nested.events(1).capacity(1)).await.unwrap().len(), 9);
    let streamed = pieces.spawned();
    assert_eq!(all(streamed.events(1).capacity(1)).await.unwrap().len(), 5);
    let log = quick.spawned();
    assert!(tokio::time::timeout(secs(60), log.run_log(1).count()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_a_task_emits_may_exceed_the_capacity_and_is_all_there() {
    for capacity in [1, 64] {
        for events in [
            all(at_once.spawned().events(1).capacity(capacity)).await.unwrap(),
            all(one_by_one.spawned().events(1).capacity(capacity)).await.unwrap(),
            all(on_a_thread.events(1).capacity(capacity)).await.unwrap(),
            all(on_a_thread.spawned().events(1).capacity(capacity)).await.unwrap(),
        ] {
            assert_eq!(numbers(&events, 1), expected(1));
            assert_eq!(events.last().unwrap().event(), "on_chain_end");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn events_of_a_task_are_there_when_they_happen() {
    #[runnable]
    async fn ticks(n: u64, cx: &Context) -> u64 {
        for number in 0..3 {
            sleep(ms(300)).await;
            cx.emit("tick", || number);
        }
        n
    }
    let ticking = chain!(u64 => ticks.spawned());
    let begun = Instant::now();
    let mut events = ticking.events(1);
    let mut at = Vec::new();
    while let Some(event) = events.try_next().await.unwrap() {
        if event.event() == "on_custom_event" {
            at.push(begun.elapsed());
        }
    }
    assert_eq!(at, [ms(300), ms(600), ms(900)]);
}

#[test]
fn nothing_is_lost_between_threads() {
    let chain = chain!(u64 =>
        <a: (chain!(u64 => |_n| 1 | one_by_one.spawned())), b: (chain!(u64 => |_n| 2 | at_once.spawned())),
         c: (chain!(u64 => |_n| 3 | on_a_thread)), d: many_runs.spawned(), e: (chain!(u64 => |_n| 4 | one_by_one)), f: many_runs>
    );
    for threads in [1, 2, 4] {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap();
        for capacity in [1, 2, 64] {
            for _ in 0..10 {
                let events = runtime.block_on(all(chain.events(0).capacity(capacity)));
                let events =
                    events.unwrap_or_else(|| panic!("stuck with {threads} threads and a capacity of {capacity}"));
                for writer in 1..=4 {
                    assert_eq!(numbers(&events, writer), expected(writer));
                }
                let starts = |name: &str, event: &str| {
                    events.iter().filter(|it| it.name() == name && it.event() == event).count()
                };
                assert_eq!(starts("quick", "on_chain_start"), 100);
                assert_eq!(starts("quick", "on_chain_end"), 100);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_waits_for_a_slow_reader() {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    #[runnable]
    async fn counted(n: u64, cx: &Context) -> catena::Result<u64> {
        for number in 0..50 {
            quick.call(number, cx).await?;
            DONE.fetch_add(1, SeqCst);
        }
        Ok(n)
    }
    let spawned = counted.spawned();
    let mut events = spawned.events(1).capacity(4);
    for read in 1..20 {
        events.try_next().await.unwrap().unwrap();
        sleep(secs(1)).await;
        // Two events for each call, and at most four and those under way are held.
        assert!(2 * DONE.load(SeqCst) <= read + 6, "{} calls when {read} events were read", DONE.load(SeqCst));
    }
    events.count().await;
    assert_eq!(DONE.load(SeqCst), 50);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_emits_without_end_does_not_keep_the_run_from_its_deadline() {
    #[runnable]
    async fn endless(n: u64, cx: &Context) -> u64 {
        loop {
            cx.emit("more", || n);
            sleep(ms(1)).await;
        }
    }
    // Always one event ahead: the reader never finds the queue empty.
    #[runnable]
    async fn noisy(n: u64, cx: &Context) -> u64 {
        loop {
            for _ in 0..100 {
                cx.emit("more", || n);
            }
            sleep(ms(1)).await;
        }
    }
    for chain in [chain!(u64 => endless.spawned()).boxed(), chain!(u64 => noisy.spawned()).boxed()] {
        let config = Config::new().deadline(ms(100));
        let mut events = chain.events(1).with(config);
        let begun = Instant::now();
        let error = loop {
            match events.next().await {
                Some(Ok(_)) => sleep(Duration::from_micros(10)).await,
                Some(Err(error)) => break error,
                None => panic!("the error is the last item"),
            }
            assert!(begun.elapsed() < secs(20));
        };
        assert_eq!(error.kind(), &catena::ErrorKind::Deadline);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_events_lets_everything_go() {
    static ENDED: AtomicBool = AtomicBool::new(false);
    /// Calls a step from a thread, which waits for room that is never made.
    #[runnable(blocking)]
    fn calls(n: u64, cx: &Context) -> catena::Result<u64> {
        let runtime = tokio::runtime::Handle::current();
        for number in 0..20 {
            runtime.block_on(quick.call(number, cx))?;
        }
        ENDED.store(true, SeqCst);
        Ok(n)
    }
    let mut events = calls.events(1).capacity(1);
    // From here on the thread is at work, which nothing stops.
    while events.try_next().await.unwrap().unwrap().name() != "quick" {}
    drop(events);
    let ended = async {
        while !ENDED.load(SeqCst) {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(secs(60), ended).await.is_ok(), "the thread waits for ever");
}
