//! What iterators and streams say of their length is a hint, and may be far off.

use catena::{Assemble, Map, prelude::*};
use futures_util::{Stream, StreamExt};
use std::{
    pin::Pin,
    sync::Mutex,
    task::{Context as Task, Poll},
};

#[runnable]
async fn below_five(n: u64) -> catena::Result<u64> {
    if n < 5 { Ok(n) } else { Err(catena::Error::msg("too much")) }
}

#[runnable]
async fn waits(n: u64) -> catena::Result<u64> {
    tokio::task::yield_now().await;
    if n < 5 { Ok(n) } else { Err(catena::Error::msg("too much")) }
}

/// Ten numbers, and a hint that has nothing to do with them.
#[derive(Clone)]
struct Liar(std::ops::Range<u64>, (usize, Option<usize>));

impl Iterator for Liar {
    type Item = u64;
    fn next(&mut self) -> Option<u64> {
        self.0.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.1
    }
}

impl Stream for Liar {
    type Item = u64;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<Option<u64>> {
        Poll::Ready(self.0.next())
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.1
    }
}

const HINTS: [(usize, Option<usize>); 6] = [
    (0, Some(0)),
    (0, Some(3)),
    (3, Some(3)),
    (usize::MAX, None),
    (usize::MAX, Some(usize::MAX)),
    (usize::MAX, Some(1)),
];

#[tokio::test]
async fn a_batch_without_an_end_runs_up_to_its_first_error() {
    let error = below_five.try_batch(0_u64..).await.unwrap_err();
    assert_eq!(error.path(), "below_five[5]");
    let error = waits.try_batch(0_u64..).await.unwrap_err();
    assert!(error.path().starts_with("waits["), "{error}");
    let error = waits.try_batch(0_u64..).max_concurrency(2).await.unwrap_err();
    assert!(error.path().starts_with("waits["), "{error}");
    let error = waits
        .try_batch(std::iter::repeat(9))
        .config(catena::Config::new().listen(catena::Listeners::new()))
        .await
        .unwrap_err();
    assert!(error.path().starts_with("waits["), "{error}");
}

#[tokio::test]
async fn batches_run_whatever_the_hint() {
    for hint in HINTS {
        let liar = || Liar(0..10, hint);
        assert_eq!(below_five.batch(liar()).await.iter().filter(|result| result.is_ok()).count(), 5, "{hint:?}");
        assert_eq!(below_five.try_batch(Iterator::take(liar(), 5)).await.unwrap(), [0, 1, 2, 3, 4], "{hint:?}");
        assert_eq!(below_five.batch(liar()).max_concurrency(3).await.len(), 10, "{hint:?}");
        assert_eq!(below_five.batch_as_completed(liar()).count().await, 10, "{hint:?}");
        assert_eq!(below_five.batch_stream(liar()).count().await, 10, "{hint:?}");
        assert_eq!(below_five.batch_stream(liar()).max_concurrency(2).count().await, 10, "{hint:?}");
    }
}

#[tokio::test]
async fn a_total_that_turns_out_wrong_is_not_known() {
    for hint in HINTS {
        let seen = Mutex::new(Vec::new());
        let batch = below_five.batch(Liar(0..10, hint));
        let results = batch.on_progress(|progress| seen.lock().unwrap().push((progress.done, progress.total))).await;
        assert_eq!(results.len(), 10);
        for (done, total) in seen.into_inner().unwrap() {
            assert!(total.is_none_or(|total| done <= total), "{done} of {total:?} by {hint:?}");
        }
    }
}

#[tokio::test]
async fn more_items_than_are_begun_at_once_all_run() {
    let results = waits.batch((0..1000).map(|n| n % 5)).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1000);
    assert_eq!(waits.map().invoke(vec![1; 1000]).await.unwrap(), [1; 1000]);
}

#[test]
fn an_index_reserves_no_room() {
    fn assembler<R: Runnable<Vec<u64>>>(step: &R) -> R::Assembler {
        step.assembler()
    }
    let map: Map<_> = below_five.map();
    let mut items = assembler(&map);
    items.push((usize::MAX, 1));
    items.push((0, 2));
    let error = items.finish().unwrap_err();
    assert!(error.message().contains("items missing"), "{error}");

    let mut items = assembler(&map);
    for item in [(2, 30), (0, 10), (1, 0), (1, 20)] {
        items.push(item);
    }
    assert_eq!(items.finish().unwrap(), [10, 20, 30]);
}
