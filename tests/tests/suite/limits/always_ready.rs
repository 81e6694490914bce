//! Work that never waits: it ends at its time limits, and other tasks have their turn beside it.
//!
//! Tokio's paused clock stands still while work is ready, so the work here takes real time; what is asserted is how much of it was
//! done, and never how long anything took, except that it took far less than all of it would have.

use catena::{Chunks, Config, Error, ErrorKind, generator, prelude::*};
use catena_tests::ms;
use futures_util::{Stream, StreamExt, stream};
use std::{
    future::IntoFuture,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::sleep;

fn until(deadline: Duration) -> Config {
    Config::new().deadline(deadline)
}

/// Keeps its thread busy for 2 ms.
fn busy() {
    let begun = std::time::Instant::now();
    while begun.elapsed() < ms(2) {
        std::hint::spin_loop();
    }
}

#[runnable]
fn pieces(_input: ()) -> impl Stream<Item = u32> + Send {
    stream::iter(0..500).map(|n| {
        busy();
        n
    })
}

#[runnable]
fn work(n: u32) -> u32 {
    busy();
    n
}

#[runnable]
async fn work_and_wait(n: u32) -> u32 {
    busy();
    tokio::task::yield_now().await;
    n
}

#[runnable]
async fn spins(_input: &()) -> u32 {
    loop {
        tokio::task::consume_budget().await;
    }
}

#[runnable]
async fn late(_input: &()) -> u32 {
    sleep(ms(20)).await;
    7
}

static ATTEMPTS: AtomicUsize = AtomicUsize::new(0);

#[runnable]
fn in_vain(_input: &()) -> catena::Result<u32> {
    ATTEMPTS.fetch_add(1, SeqCst);
    busy();
    Err(Error::msg("again"))
}

async fn read(chunks: Chunks<'_, u32>) -> (usize, Option<ErrorKind>) {
    let read: Vec<_> = chunks.collect().await;
    let error = read.last().and_then(|last| last.as_ref().err()).map(|error| error.kind().clone());
    (read.iter().filter(|chunk| chunk.is_ok()).count(), error)
}

/// Runs it beside a task that wants to do something every millisecond, and gives how often that had its turn.
async fn beside_a_neighbour<T>(busy: impl IntoFuture<Output = T>) -> (T, usize) {
    let turns = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turns);
    let neighbour = tokio::spawn(async move {
        loop {
            sleep(ms(1)).await;
            counted.fetch_add(1, SeqCst);
        }
    });
    let outcome = busy.await;
    neighbour.abort();
    (outcome, turns.load(SeqCst))
}

#[tokio::test]
async fn a_stream_that_is_always_ready_ends_at_its_limits() {
    let limited = pieces.timeout(ms(50));
    let (read_in_time, error) = read(limited.stream(())).await;
    assert_eq!(error, Some(ErrorKind::Timeout { after: ms(50) }));
    assert!(read_in_time <= 26, "{read_in_time} pieces of 2 ms in 50 ms");

    let (read_in_time, error) = read(pieces.stream_with((), until(ms(50)))).await;
    assert_eq!(error, Some(ErrorKind::Deadline));
    assert!(read_in_time <= 26, "{read_in_time} pieces of 2 ms in 50 ms");

    let configured = pieces.with_config(until(ms(50)));
    let (read_in_time, error) = read(configured.stream(())).await;
    assert_eq!(error, Some(ErrorKind::Deadline));
    assert!(read_in_time <= 26, "{read_in_time} pieces of 2 ms in 50 ms");

    let by_hand = generator(|numbers: Chunks<'_, u32>| {
        Chunks::new(numbers.map(|n| {
            busy();
            n
        }))
    })
    .timeout(ms(50));
    let (read_in_time, error) = read(by_hand.stream(vec![0; 500])).await;
    assert_eq!(error, Some(ErrorKind::Timeout { after: ms(50) }));
    assert!(read_in_time <= 26, "{read_in_time} pieces of 2 ms in 50 ms");
}

#[tokio::test]
async fn what_is_put_together_of_such_a_stream_ends_at_its_limits() {
    let begun = std::time::Instant::now();
    let error = pieces.timeout(ms(50)).invoke(()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: ms(50) });
    let error = pieces.invoke_with((), until(ms(50))).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Deadline);
    let events: Vec<_> = pieces.events(()).with(until(ms(50))).collect().await;
    let error = events.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Deadline);
    assert!(begun.elapsed() < ms(800), "each of them would take a second: {:?}", begun.elapsed());
}

#[tokio::test]
async fn batches_and_maps_of_ready_work_end_at_their_limits() {
    let done = |results: &[catena::Result<u32>]| results.iter().filter(|result| result.is_ok()).count();
    for limit in [usize::MAX, 4, 1] {
        let config = || until(ms(50)).max_concurrency(limit);
        let results = work.batch(0..200).config(config()).await;
        assert!(done(&results) <= 26, "{} of 2 ms in 50 ms", done(&results));
        assert_eq!(results[199].as_ref().unwrap_err().kind(), &ErrorKind::Deadline);
        let results = work_and_wait.batch(0..200).config(config()).await;
        assert!(done(&results) <= 26, "{} of 2 ms in 50 ms", done(&results));
        let begun = std::time::Instant::now();
        let error = work.try_batch(0..200).config(config()).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Deadline);
        let results: Vec<_> = work.batch_as_completed(0..200).config(config()).collect().await;
        let results: Vec<_> = results.into_iter().map(|(_, result)| result).collect();
        assert!(done(&results) <= 26 && results.last().unwrap().is_err());
        let error = work.map().invoke_with((0..200).collect(), config()).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Deadline);
        let error = work.map().timeout(ms(50)).invoke_with((0..200).collect(), config()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Deadline | ErrorKind::Timeout { .. }));
        assert!(begun.elapsed() < ms(800), "each of the four would take 400 ms: {:?}", begun.elapsed());
    }
    let error = work.map().timeout(ms(50)).invoke((0..200).collect()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: ms(50) });
}

#[tokio::test]
async fn retries_without_delay_end_at_their_limits() {
    let again = in_vain.retry(Retry::attempts(500).base(Duration::ZERO));
    again.invoke_with((), until(ms(50))).await.unwrap_err();
    assert!(ATTEMPTS.swap(0, SeqCst) < 60);
    let error = again.timeout(ms(50)).invoke(()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: ms(50) });
    assert!(ATTEMPTS.load(SeqCst) < 60);
}

#[tokio::test]
async fn other_tasks_have_their_turn() {
    let (_, turns) = beside_a_neighbour(work.batch(0..100)).await;
    assert!(turns >= 20, "beside a batch: {turns}");
    let (_, turns) = beside_a_neighbour(work.batch(0..100).max_concurrency(2)).await;
    assert!(turns >= 20, "beside a batch with a limit: {turns}");
    let (_, turns) = beside_a_neighbour(work_and_wait.batch(0..100)).await;
    assert!(turns >= 5, "beside a batch of work that waits: {turns}");
    let (_, turns) = beside_a_neighbour(work_and_wait.batch(0..100).max_concurrency(50)).await;
    assert!(turns >= 20, "beside a batch of work that waits, with a limit: {turns}");
    let (_, turns) = beside_a_neighbour(work.map().invoke((0..100).collect())).await;
    assert!(turns >= 20, "beside a map: {turns}");
    let (_, turns) = beside_a_neighbour(work.map().stream((0..100).collect()).count()).await;
    assert!(turns >= 20, "beside a map that streams: {turns}");
    let (_, turns) = beside_a_neighbour(pieces.invoke(())).await;
    assert!(turns >= 100, "beside a generator: {turns}");
    let (_, turns) = beside_a_neighbour(pieces.stream(()).take(100).count()).await;
    assert!(turns >= 20, "beside a generator that streams: {turns}");
    let (_, turns) = beside_a_neighbour(pieces.stream_with((), Config::new().tag("x")).take(100).count()).await;
    assert!(turns >= 20, "beside chunks that are handed on: {turns}");
    let (_, turns) = beside_a_neighbour(in_vain.retry(Retry::attempts(100).base(Duration::ZERO)).invoke(())).await;
    assert!(turns >= 20, "beside a retry: {turns}");
}

#[tokio::test]
async fn work_that_uses_up_the_budget_of_its_task_is_stopped_all_the_same() {
    let error = spins.timeout(ms(20)).invoke(()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: ms(20) });
    let error = spins.timeout(ms(20)).stream(()).next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout { after: ms(20) });
    let error = spins.invoke_with((), until(ms(20))).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Deadline);
    let error = spins.stream_with((), until(ms(20))).next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Deadline);
    let results = spins.batch([(), ()]).config(until(ms(20))).await;
    assert_eq!(results[0].as_ref().unwrap_err().kind(), &ErrorKind::Deadline);
    assert_eq!(spins.race(late).invoke(()).await.unwrap(), 7);
    assert_eq!(late.race(spins).invoke(()).await.unwrap(), 7);
    assert_eq!(spins.race(late).stream(()).next().await.unwrap().unwrap(), 7);
    assert_eq!(spins.spawned().race(late).invoke(()).await.unwrap(), 7);
}

#[tokio::test]
async fn an_output_that_is_there_is_given() {
    assert_eq!(work.timeout(ms(1)).invoke(3).await.unwrap(), 3);
    assert_eq!(work.invoke_with(3, until(ms(1))).await.unwrap(), 3);
    let chunks: Vec<_> = work.timeout(ms(1)).stream(3).collect().await;
    assert_eq!(chunks.len(), 1, "and its stream ends as well");
    assert_eq!(chunks[0].as_ref().unwrap(), &3);
    let chunks: Vec<_> = work.stream_with(3, until(ms(1))).collect().await;
    assert_eq!((chunks.len(), chunks[0].as_ref().unwrap()), (1, &3));
}
