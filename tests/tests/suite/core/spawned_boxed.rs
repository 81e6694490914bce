//! Steps in tasks of their own, and steps behind pointers.

use catena::{BoxRunnable, Config, Error, ErrorKind, prelude::*};
use catena_tests::{Scripted, secs};
use futures_util::StreamExt;
use std::collections::HashMap;
use tokio::time::sleep;

#[runnable]
async fn task_id(_input: ()) -> Option<String> {
    tokio::task::yield_now().await;
    tokio::task::try_id().map(|id| id.to_string())
}

#[runnable]
async fn panics(what: String) -> String {
    tokio::task::yield_now().await;
    assert!(what.is_empty(), "no room for {what}");
    panic!("boom")
}

/// Lets the tasks that were told to stop do so.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_spawned_step_runs_in_a_task_of_its_own() -> catena::Result<()> {
    assert_eq!(task_id.invoke(()).await?, None, "this test's own future is no task");
    let spawned = task_id.spawned();
    let (a, b) = (spawned.invoke(()).await?, spawned.invoke(()).await?);
    assert!(a.is_some() && b.is_some() && a != b);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn dropping_the_call_stops_the_task() {
    let step = Scripted::says(["late"]).after(secs(9));
    let log = step.log();
    assert!(tokio::time::timeout(secs(1), step.spawned().invoke(())).await.is_err());
    settle().await;
    assert_eq!((log.calls(), log.stopped(), log.running()), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_failed_sibling_stops_the_task() {
    let (slow, bad) = (Scripted::says(["late"]).after(secs(9)), Scripted::fails(Error::msg("no")).after(secs(1)));
    let log = slow.log();
    let chain = chain!(String => <slow: slow.spawned(), bad: bad>);
    assert_eq!(chain.invoke(String::new()).await.unwrap_err().path(), "<bad>.scripted");
    settle().await;
    assert_eq!((log.stopped(), log.running()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_stops_the_task() {
    let step = Scripted::says(["a", "b", "c"]).every(secs(1));
    let log = step.log();
    let step = step.spawned();
    let mut chunks = step.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    drop(chunks);
    settle().await;
    assert_eq!((log.stopped(), log.running()), (1, 0));
}

#[tokio::test]
async fn a_panic_becomes_an_error() {
    let error = panics.spawned().invoke(String::new()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Panic);
    assert_eq!(error.to_string(), "panics: the task panicked: boom");
    assert!(!error.is_retryable());
    let error = panics.spawned().invoke("guests".into()).await.unwrap_err();
    assert_eq!(error.message(), "the task panicked: no room for guests");

    let spawned = panics.spawned();
    let mut chunks = spawned.stream(String::new());
    assert_eq!(chunks.next().await.unwrap().unwrap_err().kind(), &ErrorKind::Panic);
    assert!(chunks.next().await.is_none());
}

#[tokio::test]
async fn without_a_task_of_its_own_a_panic_passes_through() {
    let outcome = tokio::spawn(async { panics.invoke(String::new()).await }).await;
    assert!(outcome.unwrap_err().is_panic());
}

#[tokio::test]
async fn an_error_of_a_spawned_step_stays_itself() {
    let step = Scripted::fails(Error::new(ErrorKind::Auth, "no key")).spawned();
    let error = step.invoke(()).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (&ErrorKind::Auth, "scripted: no key"));
}

#[tokio::test(start_paused = true)]
async fn a_spawned_stream_is_at_most_one_chunk_ahead_of_its_reader() {
    let step = Scripted::says(["a", "b", "c", "d", "e"]);
    let log = step.log();
    let step = step.spawned();
    let mut chunks = step.stream(());
    for read in 1..=3 {
        assert!(chunks.next().await.unwrap().is_ok());
        sleep(secs(1)).await;
        assert!(log.pieces() <= read + 1, "{} chunks were made when {read} had been read", log.pieces());
    }
    assert_eq!(chunks.count().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spawned_steps_run_on_other_threads_at_the_same_time() -> catena::Result<()> {
    // Each waits for the other, with its thread blocked: one thread alone would never come to an end.
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(2));
    let meet = chain!(() => move |()| barrier.wait().is_leader());
    let meet = std::sync::Arc::new(meet);
    let (a, b) = (meet.clone().spawned(), meet.spawned());
    let out = chain!(() => <a: a, b: b>).invoke(()).await?;
    assert!(out.a != out.b);
    Ok(())
}

#[tokio::test]
async fn boxed_steps_are_chosen_at_run_time() -> catena::Result<()> {
    let offset = 10;
    let mut menu: HashMap<&str, BoxRunnable<u32, String>> = HashMap::new();
    menu.insert("plain", chain!(u32 => |n| n.to_string()).boxed());
    menu.insert("shifted", chain!(u32 => move |n| n + offset | |n| format!("{n}!")).boxed());
    assert_eq!(menu["plain"].invoke(1).await?, "1");
    assert_eq!(menu["shifted"].invoke(1).await?, "11!");
    let chosen = menu["shifted"].clone();
    let chain = chain!(u32 => chosen | |s| s.len());
    assert_eq!(chain.invoke(5).await?, 3);
    let list: Vec<_> = menu.into_values().collect();
    assert_eq!(list.len(), 2);
    Ok(())
}

/// Steps of `n` boxes within each other.
#[runnable]
async fn countdown(n: u32, cx: &Context) -> catena::Result<u32> {
    if n == 0 { Ok(0) } else { Ok(1 + recursive().call(n - 1, cx).await?) }
}

fn recursive() -> BoxRunnable<u32, u32> {
    countdown.boxed()
}

#[tokio::test]
async fn a_chain_contains_itself_behind_a_box() -> catena::Result<()> {
    assert_eq!(recursive().invoke(24).await?, 24);
    Ok(())
}

#[tokio::test]
async fn recursion_ends_at_25_boxes_unless_told_otherwise() {
    // One more box than turns: the outermost.
    let error = recursive().invoke(25).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 25 });
    assert!(error.message().contains("more than 25 deep"), "{error}");
    assert!(!error.is_retryable());

    assert_eq!(recursive().invoke_with(100, Config::new().recursion_limit(101)).await.unwrap(), 100);
    let error = recursive().invoke_with(3, Config::new().recursion_limit(3)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 3 });
    assert_eq!(recursive().invoke_with(2, Config::new().recursion_limit(3)).await.unwrap(), 2);
}

#[tokio::test]
async fn boxes_one_after_another_are_not_recursion() -> catena::Result<()> {
    let one = || chain!(u32 => |n| n + 1).boxed();
    let ten = || chain!(u32 => one() | one() | one() | one() | one() | one() | one() | one() | one() | one());
    assert_eq!(chain!(u32 => ten() | ten() | ten()).invoke(0).await?, 30);
    assert_eq!(one().map().invoke((0..100).collect()).await?.len(), 100);
    Ok(())
}

#[tokio::test]
async fn the_limit_holds_through_spawned_and_parallel_steps_and_streams() {
    #[runnable]
    async fn endless(n: u32, cx: &Context) -> catena::Result<u32> {
        let both = chain!(u32 => <a: endless.boxed().spawned(), b: |n| n> | |r| r.a + r.b);
        both.call(n, cx).await
    }
    let error = endless.boxed().invoke(0).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 25 });
    let boxed = endless.boxed();
    let error = boxed.stream(0).next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 25 });
}

#[tokio::test]
async fn a_box_gives_its_output_in_one_chunk_or_as_it_streams() {
    let step = Scripted::says(["a", "b"]);
    let whole: BoxRunnable<String, String> = step.clone().boxed();
    let chunks: Vec<_> = whole.stream(String::new()).map(Result::unwrap).collect().await;
    assert_eq!(chunks, ["ab"]);
    let streaming: BoxRunnable<String, String, String> = step.boxed_stream();
    let chunks: Vec<_> = streaming.stream(String::new()).map(Result::unwrap).collect().await;
    assert_eq!(chunks, ["a", "b"]);
    assert_eq!(streaming.invoke(String::new()).await.unwrap(), "ab");
}

#[tokio::test]
async fn a_box_streams_maps_with_their_fields() -> catena::Result<()> {
    let (a, b) = (Scripted::says(["a1", "a2"]), Scripted::says(["b1"]));
    let boxed = chain!(String => <a: a, b: b>).boxed_stream();
    let mut text = String::new();
    let mut chunks = boxed.stream(String::new());
    while let Some(chunk) = chunks.next().await {
        text += &chunk?.a().unwrap_or_default();
    }
    assert_eq!(text, "a1a2");
    assert_eq!(boxed.invoke(String::new()).await?.b, "b1");
    Ok(())
}

#[tokio::test]
async fn a_box_keeps_the_name_and_stands_in_paths() {
    let boxed: BoxRunnable<String, String> = Scripted::fails(Error::msg("no")).named("ask").boxed();
    assert_eq!(boxed.name(), Some("ask"));
    let error = chain!(String => <a: boxed>).invoke(String::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "<a>.ask: no");
}

#[tokio::test]
async fn a_box_runs_on_borrowed_inputs() -> catena::Result<()> {
    fn measure<'x>() -> BoxRunnable<&'x str, usize> {
        chain!(&str => |s| s.len()).boxed()
    }
    let text = String::from("borrowed");
    assert_eq!(measure().invoke(&text).await?, 8);
    Ok(())
}
