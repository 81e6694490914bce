//! Long chains: they build, run, stream and are spawned as they are, without `recursion_limit`.

use catena::prelude::*;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

#[runnable]
async fn inc(n: u64) -> u64 {
    tokio::task::yield_now().await;
    n + 1
}

#[runnable]
fn show(n: u64) -> String {
    n.to_string()
}

#[runnable]
fn read(text: &str) -> Result<u64, std::num::ParseIntError> {
    text.parse()
}

#[runnable]
async fn list(text: String) -> Vec<String> {
    tokio::task::yield_now().await;
    vec![text]
}

#[runnable]
fn first(texts: Vec<String>) -> Option<String> {
    texts.into_iter().next()
}

fn one_hundred() -> impl Runnable<u64, Output = u64, Chunk = u64> {
    chain!(u64 =>
        inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc
        | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc
        | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc
        | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc
        | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc
    )
}

fn ten() -> impl Runnable<u64, Output = u64, Chunk = u64> {
    chain!(u64 => inc | inc | inc | inc | inc | inc | inc | inc | inc | inc)
}

fn steps<S: Step>(_: &S) -> usize {
    S::NODE.steps()
}

#[tokio::test]
async fn a_hundred_steps_run() -> catena::Result<()> {
    let chain = one_hundred();
    assert_eq!((steps(&chain), chain.invoke(0).await?), (100, 100));
    Ok(())
}

#[tokio::test]
async fn a_hundred_steps_stream() -> catena::Result<()> {
    let chain = one_hundred();
    let chunks: Vec<_> = chain.stream(0).collect().await;
    assert_eq!(chunks.into_iter().collect::<catena::Result<Vec<_>>>()?, [100]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_steps_are_spawned() -> catena::Result<()> {
    let called = tokio::spawn(async { one_hundred().invoke(0).await });
    let streamed = tokio::spawn(async {
        let chain = one_hundred();
        chain.stream(1).collect::<Vec<_>>().await
    });
    let shared = std::sync::Arc::new(one_hundred());
    let from_arc = tokio::spawn({
        let shared = shared.clone();
        async move { shared.invoke(2).await }
    });
    assert_eq!(called.await??, 100);
    assert_eq!(streamed.await?.remove(0)?, 101);
    assert_eq!(from_arc.await??, 102);
    assert_eq!(std::sync::Arc::into_inner(shared).unwrap().spawned().invoke(3).await?, 103);
    Ok(())
}

#[tokio::test]
async fn the_future_of_a_hundred_steps_is_at_most_twice_that_of_ten() {
    let (ten, hundred) = (ten(), one_hundred());
    let sizes = (size_of_val(&ten.invoke(0)), size_of_val(&hundred.invoke(0)));
    println!("the future of 10 steps: {} bytes; of 100: {} bytes", sizes.0, sizes.1);
    assert!(sizes.1 <= 2 * sizes.0, "{sizes:?}");
}

#[tokio::test]
async fn lengths_around_the_nesting_points_work() -> catena::Result<()> {
    let twelve = chain!(u64 => inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc);
    let thirteen = chain!(u64 => inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc);
    let twenty_five = chain!(u64 =>
        inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc | inc
        | inc | inc | inc | inc | inc
    );
    assert_eq!((steps(&twelve), steps(&thirteen), steps(&twenty_five)), (12, 13, 25));
    assert_eq!(twelve.invoke(0).await?, 12);
    assert_eq!(thirteen.invoke(0).await?, 13);
    assert_eq!(twenty_five.invoke(0).await?, 25);
    assert_eq!(thirteen.stream(0).next().await.unwrap()?, 13);
    Ok(())
}

#[tokio::test]
async fn thirty_steps_of_changing_types_run_stream_and_are_spawned() -> catena::Result<()> {
    fn thirty() -> impl Runnable<u64, Output = u64> {
        chain!(u64 =>
            show | list | first | |text| text.unwrap_or_default() | read | inc
            | show | list | first | |text| text.unwrap_or_default() | read | inc
            | <a: show, b: inc> | |r| format!("{}{}", r.a, r.b) | read | |n| u32::try_from(n)? | |n| f64::from(n) | |x| x.to_string()
            | match { s if s.len() > 100 => list, s => |s: String| vec![s] } | first | |text| async move { text.unwrap_or_default() }
            | |text| text.len() | |n| n as u64 | inc
            | show | list | first | |text| text.unwrap_or_default() | read | inc
        )
    }
    // 1, 2, 3, "34", 34, 34.0, "34", 2, 3, 4.
    assert_eq!(thirty().invoke(1).await?, 4);
    assert_eq!(tokio::spawn(async { thirty().invoke(1).await }).await??, 4);
    let streamed = tokio::spawn(async {
        let chain = thirty();
        chain.stream(1).count().await
    });
    assert_eq!(streamed.await?, 1);
    Ok(())
}

#[runnable]
#[allow(clippy::unnecessary_wraps)]
fn wrap<T>(value: T) -> Option<T> {
    Some(value)
}

#[tokio::test]
async fn types_may_grow_with_every_step() -> catena::Result<()> {
    let chain = chain!(u8 =>
        wrap | wrap | wrap | wrap | wrap | wrap | wrap | wrap | wrap | wrap | wrap | wrap | wrap | wrap | wrap | wrap
        | |deep| format!("{deep:?}").matches("Some").count()
    );
    assert_eq!(chain.invoke(1).await?, 16);
    Ok(())
}

#[tokio::test]
async fn maps_in_maps_in_maps_run_stream_and_are_spawned() -> catena::Result<()> {
    fn deep() -> impl Runnable<u64, Output = u64, Chunk = u64> {
        chain!(u64 =>
            <a: <a: <a: <a: <a: inc | inc, b: show>, b: inc>, b: inc | show>, b?: inc>, b: inc>
            | .a | .a | .a | .a | .a | <a: inc, b: <c: inc | inc, d: <e: inc>>> | |r| r.a + r.b.c + r.b.d.e
        )
    }
    assert_eq!(deep().invoke(0).await?, 3 + 4 + 3);
    let streamed = tokio::spawn(async {
        let chain = deep();
        chain.stream(0).collect::<Vec<_>>().await
    });
    assert_eq!(streamed.await?.remove(0)?, 10);
    Ok(())
}

#[runnable]
fn bytes(text: String) -> impl Stream<Item = String> {
    stream::iter(text.chars().map(String::from).collect::<Vec<_>>())
}

/// With a type that is long by itself.
#[runnable]
fn busy(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
    text.map_ok(|piece| piece.to_lowercase())
        .try_filter(|piece| std::future::ready(!piece.is_empty()))
        .map_ok(|piece| stream::iter([Ok(piece)]))
        .try_flatten()
        .and_then(async |piece| Ok(piece.to_uppercase()))
        .enumerate()
        .map(|(_, piece)| piece)
        .around()
}

trait Around: Stream + Sized {
    /// The stream, with a few types more around it.
    fn around(self) -> impl Stream<Item = Self::Item> + use<Self> {
        self.take_while(|_| std::future::ready(true)).skip_while(|_| std::future::ready(false)).fuse()
    }
}

impl<S: Stream> Around for S {}

#[tokio::test]
async fn streams_of_long_types_go_through_thirty_steps_and_are_spawned() -> catena::Result<()> {
    fn thirty() -> impl Runnable<String, Output = String, Chunk = String> {
        chain!(String =>
            bytes | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy
            | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy | busy
        )
    }
    let spawned = tokio::spawn(async {
        let chain = thirty();
        chain.stream("abc".to_owned()).try_collect::<Vec<_>>().await
    });
    assert_eq!(spawned.await??, ["A", "B", "C"]);
    assert_eq!(thirty().invoke("abc".to_owned()).await?, "ABC");
    Ok(())
}
