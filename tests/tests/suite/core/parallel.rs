//! Parallel maps: all at once, the first failure stops the others, settled fields stop nobody.

use catena::{Error, parallel, prelude::*};
use catena_tests::{Scripted, secs};
use futures_util::StreamExt;
use tokio::time::Instant;

fn takes(seconds: u64) -> Scripted {
    Scripted::says(["done"]).after(secs(seconds))
}

fn fails(seconds: u64, why: &'static str) -> Scripted {
    Scripted::fails(Error::msg(why)).after(secs(seconds))
}

#[tokio::test(start_paused = true)]
async fn branches_take_as_long_as_the_slowest() -> catena::Result<()> {
    let (a, b, c) = (takes(3), takes(5), takes(4));
    let start = Instant::now();
    let out = chain!(String => <a: a, b: b, c: c>).invoke(String::new()).await?;
    assert_eq!(start.elapsed(), secs(5));
    assert_eq!((out.a.as_str(), out.b.as_str(), out.c.as_str()), ("done", "done", "done"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn steps_within_a_branch_take_their_sum() -> catena::Result<()> {
    let (a, b, c) = (takes(3), takes(5), takes(4));
    let start = Instant::now();
    chain!(String => <ab: a | b, c: c>).invoke(String::new()).await?;
    assert_eq!(start.elapsed(), secs(8));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn nested_maps_and_more_than_twelve_branches_are_all_at_once() -> catena::Result<()> {
    let t = || takes(5);
    let start = Instant::now();
    let chain = chain!(String => <
        a: t(), b: t(), c: t(), d: t(), e: t(), f: t(), g: t(), h: t(), i: t(), j: t(), k: t(), l: t(), m: t(),
        inner: <n: t(), o: <p: t(), q: takes(6)>>,
    >);
    chain.invoke(String::new()).await?;
    assert_eq!(start.elapsed(), secs(6));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_first_failure_in_time_is_the_error_and_stops_the_siblings() {
    let (a, b, c, d) = (takes(1), fails(9, "late"), fails(2, "early"), takes(3));
    let logs = [a.log(), b.log(), c.log(), d.log()];
    let start = Instant::now();
    let chain = chain!(String => <a: a, b: b, c: c, d: d>);
    let error = chain.invoke(String::new()).await.unwrap_err();
    assert_eq!(start.elapsed(), secs(2));
    assert_eq!(error.to_string(), "<c>.scripted: early");
    assert_eq!(logs.each_ref().map(|log| (log.stopped(), log.running())), [(0, 0), (1, 0), (0, 0), (1, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_deep_inside_stops_all_branches_around_it() {
    let (other, deep) = (takes(9), takes(9));
    let logs = [other.log(), deep.log()];
    let chain = chain!(String => <other: other, outer: <inner: <deep: deep, bad: fails(1, "no")>>>);
    let error = chain.invoke(String::new()).await.unwrap_err();
    assert_eq!(error.path(), "<outer>.<inner>.<bad>.scripted");
    assert_eq!(logs.each_ref().map(|log| (log.stopped(), log.running())), [(1, 0), (1, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_settled_failure_stops_nobody() -> catena::Result<()> {
    let (a, b) = (fails(1, "no"), takes(5));
    let log = b.log();
    let start = Instant::now();
    let out = chain!(String => <a?: a, b: b, c?: takes(2)>).invoke(String::new()).await?;
    assert_eq!(start.elapsed(), secs(5));
    assert_eq!(out.a.unwrap_err().to_string(), "<a>.scripted: no");
    assert_eq!((out.b.as_str(), out.c?.as_str()), ("done", "done"));
    assert_eq!(log.stopped(), 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_settled_siblings_too() {
    let (a, b) = (takes(9), fails(1, "no"));
    let log = a.log();
    let error = chain!(String => <a?: a, b: b>).invoke(String::new()).await.unwrap_err();
    assert_eq!(error.path(), "<b>.scripted");
    assert_eq!(log.stopped(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_settled_map_collects_the_failures_of_its_fields() -> catena::Result<()> {
    let chain = chain!(String => <all?: <a: takes(3), b: fails(1, "no")>, rest: takes(2)>);
    let out = chain.invoke(String::new()).await?;
    assert_eq!(out.all.unwrap_err().to_string(), "<all>.<b>.scripted: no");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn dropping_the_call_stops_every_branch() {
    let steps = [takes(9), takes(9), takes(9)];
    let logs = steps.each_ref().map(Scripted::log);
    let [a, b, c] = steps;
    let chain = chain!(String => <a: a, inner: <b: b, c?: c>>);
    assert!(tokio::time::timeout(secs(1), chain.invoke(String::new())).await.is_err());
    assert_eq!(logs.each_ref().map(|log| (log.calls(), log.stopped(), log.running())), [(1, 1, 0); 3]);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_stops_every_branch() {
    let steps = [Scripted::says(["a", "b"]).after(secs(1)).every(secs(1)), takes(9), takes(9)];
    let logs = steps.each_ref().map(Scripted::log);
    let [a, b, c] = steps;
    let chain = chain!(String => <a: a, inner: <b: b, c?: c>>);
    let mut chunks = chain.stream(String::new());
    assert_eq!(chunks.next().await.unwrap().unwrap().a().unwrap(), "a");
    drop(chunks);
    assert_eq!(logs.each_ref().map(|log| (log.calls(), log.stopped(), log.running())), [(1, 1, 0); 3]);
}

#[tokio::test(start_paused = true)]
async fn tuples_of_branches_need_no_macro() -> catena::Result<()> {
    let start = Instant::now();
    let out = parallel((takes(2), takes(3))).invoke(()).await?;
    assert_eq!((start.elapsed(), out), (secs(3), ("done".to_owned(), "done".to_owned())));
    let error = parallel((takes(2), fails(1, "no"))).invoke(()).await.unwrap_err();
    assert_eq!(error.message(), "no");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_same_chain_runs_many_times_at_once() -> catena::Result<()> {
    let (a, b) = (takes(2), takes(3));
    let log = a.log();
    let chain = chain!(String => <a: a, b: b>);
    let start = Instant::now();
    let runs = futures_util::future::join_all((0..50).map(|_| chain.invoke(String::new()))).await;
    assert!(runs.iter().all(Result::is_ok));
    assert_eq!((start.elapsed(), log.peak()), (secs(3), 50));
    Ok(())
}
