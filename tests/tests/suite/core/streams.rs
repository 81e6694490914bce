//! Chunks as they come: through sequences, maps, arms and wrappers; what they add up to; who waits for whom.

// The type of a map's chunks has no name that could be written instead of a closure.
#![allow(clippy::redundant_closure_for_method_calls)]
use catena::{Assemble, Chunks, Concat, Config, Error, prelude::*};
use catena_tests::{Scripted, ms, secs};
use futures_util::StreamExt;
use std::{any::Any, any::TypeId, fmt::Debug};
use tokio::time::{Instant, sleep};

fn abc() -> Scripted {
    Scripted::says(["a", "b", "c"])
}

fn cut() -> Scripted {
    Scripted::default().then_breaks(["a", "b"], Error::msg("cut"))
}

/// Upper case, piece by piece where pieces of text come.
#[derive(Clone, Copy)]
struct Upper;

#[runnable(name = "upper")]
impl Runnable<String> for Upper {
    type Output = String;
    type Chunk = String;
    type Assembler = Concat;

    fn assembler(&self) -> Concat {
        Concat::default()
    }

    async fn call(&self, input: String, _cx: &Context) -> catena::Result<String> {
        Ok(input.to_uppercase())
    }

    fn call_stream<'a>(&'a self, input: String, cx: &'a Context) -> Chunks<'a, String>
    where
        String: 'a,
    {
        Chunks::once(self.call(input, cx))
    }

    fn transform<'a, Up>(&'a self, chunks: Chunks<'a, Up::Chunk>, assembler: Up, cx: &'a Context) -> Chunks<'a, String>
    where
        Up: Assemble<Output = String>,
        String: 'a,
    {
        if TypeId::of::<Up::Chunk>() != TypeId::of::<String>() {
            return Chunks::open(async move { Ok(self.call_stream(chunks.assemble(assembler).await?, cx)) });
        }
        Chunks::new(chunks.map(|chunk| {
            let mut chunk = Some(chunk?);
            let text = (&mut chunk as &mut dyn Any).downcast_mut::<Option<String>>().and_then(Option::take);
            Ok(text.unwrap_or_default().to_uppercase())
        }))
    }
}

#[runnable]
fn length(text: &str) -> usize {
    text.len()
}

#[runnable]
fn refuse(_text: &str) -> catena::Result<String> {
    Err(Error::msg("refused"))
}

async fn collected<T: Send>(chunks: Chunks<'_, T>) -> catena::Result<Vec<T>> {
    chunks.collect::<Vec<_>>().await.into_iter().collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_runs_before_somebody_reads() {
    let step = abc();
    let log = step.log();
    let chain = chain!(String => <a: step> | .a | Upper);
    let chunks = chain.stream(String::new());
    sleep(secs(1)).await;
    assert_eq!(log.calls(), 0);
    drop(chunks);
    assert_eq!(log.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn chunks_go_through_steps_that_work_piece_by_piece() {
    let step = abc().every(secs(1));
    let chain = chain!(String => length | |n| n.to_string() | step | Upper | Upper);
    let start = Instant::now();
    let chunks: Vec<_> =
        chain.stream("hey".into()).map(|chunk| (start.elapsed().as_secs(), chunk.unwrap())).collect().await;
    assert_eq!(chunks, [(0, "A".to_owned()), (1, "B".to_owned()), (2, "C".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn steps_that_need_the_whole_wait_for_it() {
    let step = abc().every(secs(1));
    let chain = chain!(String => step | length | |n| n * 2);
    let start = Instant::now();
    let chunks: Vec<_> =
        chain.stream(String::new()).map(|chunk| (start.elapsed().as_secs(), chunk.unwrap())).collect().await;
    assert_eq!(chunks, [(3, 6)], "three letters, and the end after another second");
}

#[tokio::test(start_paused = true)]
async fn the_chunks_of_a_map_are_tagged_by_field_in_order_of_arrival() -> catena::Result<()> {
    let gpt = Scripted::says(["g1", "g2"]).after(secs(1)).every(secs(2));
    let claude = Scripted::says(["c1", "c2"]).after(secs(2)).every(secs(2));
    let chain = chain!(String => <gpt: gpt, claude: claude, size: length>);
    let mut seen = Vec::new();
    let mut chunks = chain.stream("hey".into());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        seen.push(format!("{chunk:?}"));
        // A chunk is of one field.
        let fields = [chunk.clone().gpt().is_some(), chunk.clone().claude().is_some(), chunk.size().is_some()];
        assert_eq!(fields.iter().filter(|there| **there).count(), 1);
    }
    assert_eq!(seen, ["size(3)", r#"gpt("g1")"#, r#"claude("c1")"#, r#"gpt("g2")"#, r#"claude("c2")"#]);
    Ok(())
}

#[tokio::test]
async fn the_chunks_of_nested_maps_are_tagged_at_each_level() -> catena::Result<()> {
    let (a, b) = (abc(), Scripted::says(["x", "y"]));
    let chain = chain!(String => <outer: <a: a, b: b>, len: length>);
    let (mut a, mut b, mut len) = (String::new(), String::new(), 0);
    for chunk in collected(chain.stream("hey".into())).await? {
        if let Some(outer) = chunk.clone().outer() {
            a += &outer.clone().a().unwrap_or_default();
            b += &outer.b().unwrap_or_default();
        }
        len += chunk.len().unwrap_or_default();
    }
    assert_eq!((a.as_str(), b.as_str(), len), ("abc", "xy", 3));
    Ok(())
}

#[tokio::test]
async fn more_than_twelve_branches_stream() -> catena::Result<()> {
    let t = || Scripted::says(["1", "2"]);
    let chain = chain!(String => <
        a: t(), b: t(), c: t(), d: t(), e: t(), f: t(), g: t(), h: t(), i: t(), j: t(), k: t(), l: t(),
        m: abc(), n: length,
    >);
    let chunks = collected(chain.stream("hey".into())).await?;
    assert_eq!(chunks.len(), 12 * 2 + 3 + 1);
    assert_eq!(chunks.iter().filter_map(|chunk| chunk.clone().m()).collect::<String>(), "abc");
    assert_eq!(chunks.iter().filter_map(|chunk| chunk.clone().a()).collect::<String>(), "12");
    assert_eq!(chunks.iter().filter_map(|chunk| chunk.clone().n()).collect::<Vec<_>>(), [3]);
    Ok(())
}

#[tokio::test]
async fn a_branch_that_always_has_a_chunk_does_not_starve_the_others() -> catena::Result<()> {
    let busy = Scripted::says(["x"; 100]);
    let chain = chain!(String => <busy: busy, other: abc()>);
    let mut chunks = chain.stream(String::new());
    for _ in 0..8 {
        if let Some(other) = chunks.next().await.unwrap()?.other() {
            assert_eq!(other, "a");
            return Ok(());
        }
    }
    panic!("eight chunks and none of the other branch");
}

#[tokio::test(start_paused = true)]
async fn the_first_failure_ends_the_stream_of_a_map() {
    let (slow, bad) = (abc().every(secs(2)), Scripted::default().then_breaks(["x"], Error::msg("no")).every(secs(3)));
    let log = slow.log();
    let chain = chain!(String => <slow: slow, bad: bad>);
    let mut chunks = chain.stream(String::new());
    for _ in 0..3 {
        assert!(chunks.next().await.unwrap().is_ok());
    }
    assert_eq!(chunks.next().await.unwrap().unwrap_err().to_string(), "<bad>.scripted: no");
    assert_eq!((log.stopped(), log.running()), (1, 0));
    assert!(chunks.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_settled_field_streams_its_chunks_and_its_failure_last() -> catena::Result<()> {
    let (slow, bad) = (abc().every(secs(2)), cut().every(ms(1)));
    let chain = chain!(String => <slow: slow, bad?: bad>);
    let chunks = collected(chain.stream(String::new())).await?;
    let slow: String = chunks.iter().filter_map(|chunk| chunk.clone().slow()).collect();
    assert_eq!(slow, "abc");
    let bad: Vec<_> = chunks.into_iter().filter_map(|chunk| chunk.bad()).collect();
    assert_eq!(bad.len(), 3);
    assert_eq!((bad[0].as_deref().unwrap(), bad[1].as_deref().unwrap()), ("a", "b"));
    assert_eq!(bad[2].as_ref().unwrap_err().to_string(), "<bad>.scripted: cut");
    Ok(())
}

#[tokio::test]
async fn a_settled_map_over_a_list_ends_with_its_failure() -> catena::Result<()> {
    let each = chain!(u32 => |n| { if n == 2 { Err(Error::msg("two"))? } n }).map().concurrency(1);
    let chain = chain!(Vec<u32> => <all?: each>);
    let chunks: Vec<_> = collected(chain.stream(vec![1, 2, 3])).await?.into_iter().filter_map(|c| c.all()).collect();
    assert_eq!(chunks.len(), 2, "{chunks:?}");
    assert!(chunks[0].is_ok() && chunks[1].is_err());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_chosen_arm_streams() {
    let (long, short) = (abc().every(secs(1)), Scripted::says(["s"]));
    let chain = chain!(String => match {
        s if s.is_empty() => short,
        _ => long | Upper,
    });
    let start = Instant::now();
    let chunks: Vec<_> =
        chain.stream("hey".into()).map(|chunk| (start.elapsed().as_secs(), chunk.unwrap())).collect().await;
    assert_eq!(chunks, [(0, "A".to_owned()), (1, "B".to_owned()), (2, "C".to_owned())]);
    assert_eq!(collected(chain.stream(String::new())).await.unwrap(), ["s"]);
}

#[tokio::test]
async fn arms_with_different_chunks_stream_like_the_first() -> catena::Result<()> {
    let chain = chain!(String => match {
        s if s.is_empty() => abc(),
        s if s == "closure" => |s| s + "!",
        _ => abc() | |s| s + "?",
    });
    assert_eq!(collected(chain.stream(String::new())).await?, ["a", "b", "c"]);
    assert_eq!(collected(chain.stream("closure".into())).await?, ["closure!"]);
    assert_eq!(collected(chain.stream("other".into())).await?, ["abc?"]);
    Ok(())
}

struct Both {
    text: String,
    size: usize,
}

#[tokio::test]
async fn a_struct_of_the_users_comes_in_one_chunk() -> catena::Result<()> {
    let chain = chain!(String => <text: abc(), size: length> as Both);
    let chunks = collected(chain.stream("hey".into())).await?;
    assert_eq!(chunks.len(), 1);
    assert_eq!((chunks[0].text.as_str(), chunks[0].size), ("abc", 3));
    Ok(())
}

/// What a call gives and what the chunks add up to, which has to be the same, failures included.
async fn same<In: Clone + Send, R: Runnable<In, Output: Debug>>(chain: R, input: In) -> String {
    let called = format!("{:?}", chain.invoke(input.clone()).await);
    let streamed = format!("{:?}", chain.stream(input).assemble(chain.assembler()).await);
    assert_eq!(streamed, called);
    called
}

#[tokio::test]
async fn chunks_add_up_to_what_a_call_gives() {
    let s = String::from("hey");
    assert_eq!(same(abc(), s.clone()).await, r#"Ok("abc")"#);
    assert_eq!(same(chain!(String => abc() | Upper), s.clone()).await, r#"Ok("ABC")"#);
    assert_eq!(same(chain!(String => abc() | length), s.clone()).await, "Ok(3)");
    assert_eq!(same(chain!(String => chain!(String => abc() | Upper) | Upper), s.clone()).await, r#"Ok("ABC")"#);
    let maps = chain!(String =>
        <a: abc(), b?: abc() | Upper, c: <d: length, e?: refuse, f: _>>
        | <g: |r| r.c.d, h: .a | Upper, i: .b>
    );
    assert_eq!(same(maps, s.clone()).await, r#"Ok(Parallel { g: 3, h: "ABC", i: Ok("ABC") })"#);
    let rest = chain!(String => <a: abc(), b: length> | <.., c: .a>);
    assert_eq!(same(rest, s.clone()).await, r#"Ok(Parallel { a: "abc", b: 3, c: "abc" })"#);
    let arms = chain!(String => match { s if s.len() > 9 => abc(), _ => |s| s, } | Upper);
    assert_eq!(same(arms, s.clone()).await, r#"Ok("HEY")"#);
    assert_eq!(same(abc().map(), vec![(); 2]).await, r#"Ok(["abc", "abc"])"#);
    assert_eq!(same(chain!(Vec<String> => length.map().concurrency(1)), vec![s.clone(); 2]).await, "Ok([3, 3])");
    let wrapped = abc().retry(2).fallback(refuse).timeout(secs(1)).named("n").with_config(Config::new().tag("t"));
    assert_eq!(same(wrapped.spawned().tap(|_| ()).boxed_stream(), s.clone()).await, r#"Ok("abc")"#);
    assert_eq!(same(abc().race(refuse).boxed(), s.clone()).await, r#"Ok("abc")"#);
}

#[tokio::test]
async fn a_failure_in_a_stream_is_that_of_the_call() {
    let s = String::from("hey");
    let shown = |story: &str| story.lines().next().unwrap_or_default().to_owned();
    let path = |story: String| shown(&story).trim_start_matches("Err(").trim_end_matches(" failed (step)").to_owned();
    assert_eq!(path(same(cut(), s.clone()).await), "scripted");
    assert_eq!(path(same(chain!(String => cut() | Upper | Upper), s.clone()).await), "scripted");
    assert_eq!(path(same(chain!(String => cut() | length), s.clone()).await), "scripted");
    assert_eq!(path(same(chain!(String => abc() | Upper | refuse | Upper), s.clone()).await), "refuse");
    assert_eq!(path(same(chain!(String => |s| s | |t: String| t.parse::<u8>()?), s.clone()).await), "|t|");
    let named = chain!(String => Upper | cut() | Upper).named("inner");
    assert_eq!(path(same(chain!(String => Upper | named | Upper), s.clone()).await), "inner.scripted");
    let named = chain!(String => <a: <b: Upper | cut() | Upper>> | .a | .b | Upper).named("outer");
    assert_eq!(path(same(named, s.clone()).await), "outer.<a>.<b>.scripted");
    let settled = chain!(String => <a?: Upper | cut() | Upper> | |r| r.a?);
    assert_eq!(path(same(settled, s.clone()).await), "|r|.<a>.scripted");
    let arms = chain!(String => match { s if s.is_empty() => abc(), _ => Upper | cut() | Upper } | Upper);
    assert_eq!(path(same(arms, s.clone()).await), "match.scripted");
    let long = chain!(String =>
        Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | cut()
        | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper | Upper
    );
    assert_eq!(path(same(long, s.clone()).await), "scripted");
    assert_eq!(path(same(refuse.map(), vec![s.clone(); 2]).await), "refuse[0]");
}

#[tokio::test]
async fn a_failure_passes_through_every_wrapper_as_in_a_call() {
    let s = String::from("hey");
    let inner = || chain!(String => Upper | cut() | Upper).named("inner");
    let held = inner();
    let stories = [
        same(chain!(String => inner().retry(1) | Upper), s.clone()).await,
        same(chain!(String => inner().timeout(secs(1)) | Upper), s.clone()).await,
        same(chain!(String => inner().with_config(Config::new().tag("t")) | Upper), s.clone()).await,
        same(chain!(String => inner().spawned() | Upper), s.clone()).await,
        same(chain!(String => inner().boxed() | Upper), s.clone()).await,
        same(chain!(String => inner().boxed_stream() | Upper), s.clone()).await,
        same(chain!(String => inner().tap(|_| ()) | Upper), s.clone()).await,
        same(chain!(String => &held | Upper), s.clone()).await,
        same(chain!(String => std::sync::Arc::new(inner()) | Upper), s.clone()).await,
    ];
    for story in stories {
        assert!(story.starts_with("Err(inner.scripted failed (step)\n  message: cut"), "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_stops_the_source() -> catena::Result<()> {
    async fn at_most_one_ahead<R: Runnable<String>>(source: &Scripted, chain: R) -> catena::Result<()> {
        let before = source.log().pieces();
        let mut chunks = chain.stream(String::new());
        for read in 1..=4 {
            chunks.next().await.unwrap()?;
            sleep(secs(5)).await;
            let made = source.log().pieces() - before;
            assert!(made <= read + 1, "{made} pieces were made when {read} had been read");
        }
        Ok(())
    }
    let source = Scripted::says(["x"; 50]);
    let s = || source.clone();
    at_most_one_ahead(&source, s()).await?;
    at_most_one_ahead(&source, chain!(String => s() | Upper | Upper)).await?;
    at_most_one_ahead(&source, chain!(String => <a: s()>)).await?;
    at_most_one_ahead(&source, chain!(String => <a?: s() | Upper>)).await?;
    at_most_one_ahead(&source, chain!(String => match { _ => s() | Upper })).await?;
    at_most_one_ahead(&source, s().retry(2).fallback(abc()).race(refuse)).await?;
    at_most_one_ahead(&source, s().timeout(secs(600)).with_config(Config::new().deadline(secs(600)))).await?;
    at_most_one_ahead(&source, chain!(String => s() | Upper).boxed_stream().named("n")).await?;
    at_most_one_ahead(&source, s().spawned()).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn dropping_a_stream_stops_what_runs_under_it() {
    let source = abc().after(secs(1));
    let log = source.log();
    let chain = chain!(String => <a: source | Upper> | .a | Upper).timeout(secs(60)).boxed_stream();
    let mut chunks = chain.stream(String::new());
    assert!(tokio::time::timeout(ms(500), chunks.next()).await.is_err());
    assert_eq!((log.calls(), log.running()), (1, 1));
    drop(chunks);
    assert_eq!((log.stopped(), log.running()), (1, 0));
}

#[tokio::test]
async fn an_ended_stream_stays_ended() {
    let chain = chain!(String => <a: cut(), b?: refuse>);
    let mut chunks = chain.stream(String::new());
    while chunks.next().await.is_some_and(|chunk| chunk.is_ok()) {}
    for _ in 0..3 {
        assert!(chunks.next().await.is_none());
    }
    let mut chunks = Chunks::new(futures_util::stream::iter([Ok(1), Err(Error::msg("no")), Ok(2)]));
    assert_eq!(chunks.next().await.unwrap().unwrap(), 1);
    assert!(chunks.next().await.unwrap().is_err());
    assert!(chunks.next().await.is_none());
}

#[tokio::test]
async fn a_stream_without_a_value_is_an_error_where_one_is_needed() {
    let empty = Chunks::<u32>::new(futures_util::stream::empty());
    let error = empty.assemble(catena::Whole::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "the stream of a step ended without a value");
}

#[tokio::test]
async fn streams_run_on_borrowed_inputs_and_in_tasks() -> catena::Result<()> {
    let text = String::from("borrowed");
    let chain = chain!(&str => |s| s.to_owned() | Upper);
    assert_eq!(collected(chain.stream(text.as_str())).await?, ["BORROWED"]);
    let task = tokio::spawn(async {
        let chain = chain!(String => <a: abc() | Upper, b: length>);
        collected(chain.stream("hey".into())).await.map(|chunks| chunks.len())
    });
    assert_eq!(task.await??, 4);
    Ok(())
}
