//! One step over many items; two steps over one input.

use catena::{Error, ErrorKind, prelude::*};
use catena_tests::{Log, Scripted, ms, secs};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Waits as many seconds as it is told, and fails where that is 13.
#[runnable]
async fn wait(seconds: u64) -> catena::Result<u64> {
    sleep(secs(seconds)).await;
    if seconds == 13 { Err(Error::msg("unlucky")) } else { Ok(seconds) }
}

/// The same, under observation.
struct Watched(Log);

#[runnable]
impl Runnable<u64> for Watched {
    type Output = u64;
    async fn call(&self, seconds: u64, cx: &Context) -> catena::Result<u64> {
        let call = self.0.begin();
        let outcome = wait.call(seconds, cx).await;
        call.finish();
        outcome
    }
}

#[tokio::test(start_paused = true)]
async fn outputs_are_in_the_order_of_the_inputs() -> catena::Result<()> {
    let start = Instant::now();
    assert_eq!(wait.map().invoke(vec![3, 1, 2]).await?, [3, 1, 2]);
    assert_eq!(start.elapsed(), secs(3), "all at once");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_gives_an_empty_list() -> catena::Result<()> {
    assert_eq!(wait.map().invoke(vec![]).await?, [0; 0]);
    assert_eq!(wait.map().concurrency(2).stream(vec![]).count().await, 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn no_more_items_run_at_once_than_the_limit_allows() -> catena::Result<()> {
    for (limit, peak, takes) in [(1, 1, 20), (3, 3, 7), (20, 20, 1), (100, 20, 1)] {
        let log = Log::new();
        let start = Instant::now();
        let out = Watched(log.clone()).map().concurrency(limit).invoke(vec![1; 20]).await?;
        assert_eq!((out.len(), log.calls(), log.peak()), (20, 20, peak));
        assert_eq!(start.elapsed(), secs(takes), "limit {limit}");
    }
    let log = Log::new();
    Watched(log.clone()).map().invoke(vec![1; 20]).await?;
    assert_eq!(log.peak(), 20, "without a limit");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_place_that_becomes_free_is_taken_at_once() -> catena::Result<()> {
    let log = Log::new();
    let start = Instant::now();
    Watched(log.clone()).map().concurrency(2).invoke(vec![4, 1, 1, 1, 1]).await?;
    assert_eq!((start.elapsed(), log.peak()), (secs(4), 2));
    Ok(())
}

#[tokio::test]
async fn a_limit_of_zero_is_an_error_and_runs_nothing() {
    let log = Log::new();
    let map = Watched(log.clone()).map().concurrency(0);
    assert_eq!(map.invoke(vec![1]).await.unwrap_err().kind(), &ErrorKind::BadInput);
    assert_eq!(map.stream(vec![1]).next().await.unwrap().unwrap_err().kind(), &ErrorKind::BadInput);
    assert_eq!(log.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_failure_stops_the_rest_and_says_where() {
    let log = Log::new();
    let start = Instant::now();
    let error = Watched(log.clone()).map().invoke(vec![1, 20, 13, 40]).await.unwrap_err();
    assert_eq!(start.elapsed(), secs(13));
    assert_eq!(error.to_string(), "Watched[2].wait: unlucky");
    assert_eq!((log.stopped(), log.running()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_no_further_items_begin() {
    let log = Log::new();
    Watched(log.clone()).map().concurrency(1).invoke(vec![1, 13, 1, 1]).await.unwrap_err();
    assert_eq!(log.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_index_stands_in_the_path() {
    let each = chain!(u64 => <it: wait>).map();
    let chain = chain!(Vec<u64> => <all: each>);
    let error = chain.invoke(vec![1, 13]).await.unwrap_err();
    assert_eq!(error.path(), "<all>.each[1].<it>.wait");
}

#[tokio::test(start_paused = true)]
async fn failed_items_stay_in_place_where_each_is_settled() -> catena::Result<()> {
    let out = chain!(u64 => <waited?: wait>).map().invoke(vec![1, 13, 2]).await?;
    let shown: Vec<String> = out
        .into_iter()
        .map(|item| item.waited.map_or_else(|error| error.to_string(), |seconds| seconds.to_string()))
        .collect();
    assert_eq!(shown, ["1", "<waited>.wait: unlucky", "2"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_mapped_list_streams_its_items_as_they_finish() {
    let map = wait.map();
    let start = Instant::now();
    let items: Vec<_> = map.stream(vec![3, 1, 2]).map(|item| (start.elapsed(), item.unwrap())).collect().await;
    assert_eq!(items, [(secs(1), (1, 1)), (secs(2), (2, 2)), (secs(3), (0, 3))]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_item_ends_the_stream() {
    let log = Log::new();
    let map = Watched(log.clone()).map();
    let mut items = map.stream(vec![1, 20, 13]);
    assert_eq!(items.next().await.unwrap().unwrap(), (0, 1));
    assert_eq!(items.next().await.unwrap().unwrap_err().to_string(), "Watched[2].wait: unlucky");
    assert_eq!((log.stopped(), log.running()), (1, 0), "the item that was still running is stopped");
    assert!(items.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn dropping_a_map_stops_its_items() {
    let log = Log::new();
    let map = Watched(log.clone()).map().concurrency(3);
    let run = tokio::time::timeout(secs(1), map.invoke(vec![5; 10])).await;
    assert!(run.is_err());
    assert_eq!((log.calls(), log.stopped(), log.running()), (3, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn maps_nest() -> catena::Result<()> {
    let rows = vec![vec![1, 2], vec![], vec![3]];
    assert_eq!(wait.map().map().concurrency(2).invoke(rows.clone()).await?, rows);
    let error = wait.map().map().invoke(vec![vec![1], vec![1, 13]]).await.unwrap_err();
    assert_eq!(error.path(), "wait[1][1]");
    Ok(())
}

fn after(delay: Duration, says: &'static str) -> Scripted {
    Scripted::says([says]).after(delay)
}

fn fails_after(delay: Duration, why: &'static str) -> Scripted {
    Scripted::fails(Error::msg(why)).after(delay)
}

#[tokio::test(start_paused = true)]
async fn the_first_success_wins_and_the_other_is_stopped() -> catena::Result<()> {
    for (a, b, winner) in [(1, 2, "a"), (2, 1, "b"), (1, 1, "a")] {
        let (first, second) = (after(secs(a), "a"), after(secs(b), "b"));
        let (seen_first, seen_second) = (first.log(), second.log());
        let start = Instant::now();
        assert_eq!(first.race(second).invoke(()).await?, winner);
        assert_eq!(start.elapsed(), secs(1));
        assert_eq!((seen_first.running(), seen_second.running()), (0, 0));
        assert_eq!(seen_first.stopped() + seen_second.stopped(), 1);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_failure_does_not_win() -> catena::Result<()> {
    assert_eq!(fails_after(secs(1), "no").race(after(secs(2), "b")).invoke(()).await?, "b");
    assert_eq!(after(secs(2), "a").race(fails_after(secs(1), "no")).invoke(()).await?, "a");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn where_both_fail_the_one_written_first_is_the_error() {
    for (a, b) in [(1, 2), (2, 1)] {
        let first = fails_after(secs(a), "first").named("gpt");
        let error = first.race(fails_after(secs(b), "second").named("claude")).invoke(()).await.unwrap_err();
        assert_eq!(error.to_string(), "gpt: first (the alternative failed too)");
        assert_eq!(error.others()[0].to_string(), "claude: second");
    }
}

#[tokio::test(start_paused = true)]
async fn more_than_two_race_when_nested() -> catena::Result<()> {
    let race = after(secs(3), "a").race(fails_after(secs(1), "b")).race(after(secs(2), "c"));
    assert_eq!(race.invoke(()).await?, "c");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_two_streams_the_one_with_the_first_chunk_wins() {
    // The one that begins earlier ends later.
    let early = Scripted::says(["a", "b"]).after(secs(1)).every(secs(10));
    let late = Scripted::says(["c", "d"]).after(secs(2)).every(ms(1));
    let seen = late.log();
    for race in [early.clone().race(late.clone()), late.race(early)] {
        let mut chunks = race.stream(());
        assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
        assert_eq!(seen.running(), 0, "the loser is stopped when the winner is known");
        assert_eq!(chunks.next().await.unwrap().unwrap(), "b");
        assert!(chunks.next().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_before_its_first_chunk_does_not_win() {
    let race = fails_after(secs(1), "no").race(after(secs(2), "b"));
    let chunks: Vec<_> = race.stream(()).map(Result::unwrap).collect().await;
    assert_eq!(chunks, ["b"]);
    let race = fails_after(secs(1), "first").named("gpt").race(fails_after(secs(2), "second").named("claude"));
    let called = race.invoke(()).await.unwrap_err();
    let streamed = race.stream(()).next().await.unwrap().unwrap_err();
    assert_eq!(format!("{streamed:?}"), format!("{called:?}"));
}

#[tokio::test(start_paused = true)]
async fn a_winner_that_breaks_half_way_is_named() {
    let winner = Scripted::default().then_breaks(["a"], Error::msg("cut")).named("claude");
    let race = after(secs(5), "late").named("gpt").race(winner);
    let mut chunks = race.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    let error = chunks.next().await.unwrap().unwrap_err();
    assert!(error.path().contains("claude"), "{error}");
}
