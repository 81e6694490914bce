//! Streams that are incremental through every step that can be: generators, picks, maps over streams, taps; and which
//! steps hold a stream up.

// The type of a map's chunks has no name that could be written instead of a closure.
#![allow(clippy::redundant_closure_for_method_calls)]
use catena::{Chunks, Config, Error, Step, assert_streams, generator, prelude::*};
use catena_tests::{Scripted, ms, secs};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};
use tokio::time::{Instant, sleep};

fn abc() -> Scripted {
    Scripted::says(["a", "b", "c"])
}

fn cut() -> Scripted {
    Scripted::default().then_breaks(["a", "b"], Error::msg("cut"))
}

#[runnable]
fn upper(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
    text.map_ok(|piece| piece.to_uppercase())
}

/// Words as they are complete.
#[runnable]
fn words(
    text: impl Stream<Item = catena::Result<String>> + Send,
) -> impl Stream<Item = catena::Result<Vec<String>>> + Send {
    let open = Some((Box::pin(text), String::new()));
    stream::try_unfold(open, |state| async move {
        let Some((mut text, mut rest)) = state else { return Ok(None) };
        while let Some(piece) = text.try_next().await? {
            rest += &piece;
            if let Some((done, open)) = rest.rsplit_once(' ') {
                let done = done.split_whitespace().map(str::to_owned).collect();
                let open = open.to_owned();
                return Ok(Some((done, Some((text, open)))));
            }
        }
        Ok(Some((rest.split_whitespace().map(str::to_owned).collect(), None)))
    })
}

#[runnable]
fn letters(text: String) -> impl Stream<Item = String> {
    stream::iter(text.chars().map(String::from).collect::<Vec<_>>())
}

#[runnable]
fn nothing(
    text: impl Stream<Item = catena::Result<String>> + Send,
) -> impl Stream<Item = catena::Result<String>> + Send {
    text.try_filter(|_| std::future::ready(false))
}

#[runnable]
fn tagged(
    cx: &Context,
    text: impl Stream<Item = catena::Result<String>> + Send,
) -> impl Stream<Item = Result<String, std::fmt::Error>> + Send {
    let tag = cx.tags().join(",");
    text.map(move |piece| piece.map(|piece| format!("{tag}{piece}")).map_err(|_| std::fmt::Error))
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
    chunks.try_collect().await
}

/// What a call gives and what the chunks add up to, which has to be the same, failures included.
async fn same<In: Clone + Send, R: Runnable<In, Output: Debug>>(chain: R, input: In) -> String {
    let called = format!("{:?}", chain.invoke(input.clone()).await);
    let streamed = format!("{:?}", chain.stream(input).assemble(chain.assembler()).await);
    assert_eq!(streamed, called);
    called
}

/// When each chunk came, in seconds.
async fn times<T: Send + Debug>(chunks: Chunks<'_, T>) -> Vec<(u64, String)> {
    let start = Instant::now();
    chunks.map(|chunk| (start.elapsed().as_secs(), format!("{:?}", chunk.unwrap()))).collect().await
}

fn at(times: &[(u64, &str)]) -> Vec<(u64, String)> {
    times.iter().map(|(at, chunk)| (*at, (*chunk).to_owned())).collect()
}

/// What happened, in order: a piece made, a chunk delivered.
#[derive(Clone, Default)]
struct Story(Arc<Mutex<Vec<String>>>);

impl Story {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn source(&self) -> impl Runnable<String, Output = String, Chunk = String, Assembler = catena::Concat> + use<> {
        let story = self.clone();
        generator(move |_: Chunks<'_, String>| {
            let story = story.clone();
            Chunks::new(stream::iter(["a", "b", "c"]).map(move |piece| {
                story.add(format!("src:{piece}"));
                Ok(piece.to_owned())
            }))
        })
    }

    async fn of<R: Runnable<String>>(&self, chain: R, show: impl Fn(R::Chunk) -> String) -> String {
        let mut chunks = chain.stream("in".into());
        while let Some(chunk) = chunks.next().await {
            self.add(format!("out:{}", show(chunk.unwrap())));
        }
        std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
    }
}

const THROUGH: &str = "src:a out:a src:b out:b src:c out:c";
const UPPER: &str = "src:a out:A src:b out:B src:c out:C";

/// Reads a stream that it may move, which one with a type of its own may not be.
#[runnable]
fn pairs(
    mut text: impl Stream<Item = catena::Result<String>> + Send + Unpin,
) -> impl Stream<Item = catena::Result<String>> + Send {
    stream::poll_fn(move |task| text.poll_next_unpin(task)).ready_chunks(2).map(|pair| {
        let pair: catena::Result<Vec<_>> = pair.into_iter().collect();
        Ok(pair?.concat())
    })
}

#[tokio::test]
async fn a_generator_may_ask_more_of_the_stream_it_reads() {
    let chain = chain!(String => letters | upper | pairs | upper);
    assert_eq!(collected(chain.stream("abcde".to_owned())).await.unwrap(), ["AB", "CD", "E"]);
}

/// Goes on after errors.
#[runnable]
fn forgiving(
    text: impl Stream<Item = catena::Result<String>> + Send,
) -> impl Stream<Item = catena::Result<String>> + Send {
    text.map(|piece| Ok(piece.unwrap_or_else(|error| format!("({error})"))))
}

#[tokio::test]
async fn an_error_is_the_last_item_of_a_stream_also_for_one_that_reads_on() {
    #[runnable]
    fn broken(
        text: impl Stream<Item = catena::Result<String>> + Send,
    ) -> impl Stream<Item = catena::Result<String>> + Send {
        text.map(|piece| match piece?.as_str() {
            "b" => Err(Error::msg("no b")),
            piece => Ok(piece.to_owned()),
        })
    }
    let chain = chain!(String => letters | broken | forgiving);
    assert_eq!(collected(chain.stream("abc".to_owned())).await.unwrap(), ["a", "(broken: no b)"]);
    let chain = chain!(String => letters | broken | upper | upper);
    let error = collected(chain.stream("abc".to_owned())).await.unwrap_err();
    assert_eq!(error.to_string(), "broken: no b");
}

#[tokio::test]
async fn which_steps_let_a_stream_through_and_which_wait() {
    let story = Story::default();
    let s = || story.source();
    let text = |chunk: String| chunk;
    assert_eq!(story.of(chain!(String => s() | upper), text).await, UPPER);
    assert_eq!(story.of(chain!(String => s() | chain!(String => _)), text).await, THROUGH);
    assert_eq!(story.of(chain!(String => s() | upper.named("n").tap(|_| ())), text).await, UPPER);
    assert_eq!(story.of(chain!(String => s() | upper.with_config(Config::new().tag("t"))), text).await, UPPER);
    assert_eq!(story.of(chain!(String => s() | <p: upper> | .p), text).await, UPPER);
    let waits = "src:a src:b src:c";
    assert_eq!(story.of(chain!(String => s() | |s| s), text).await, format!("{waits} out:abc"));
    assert_eq!(story.of(chain!(String => s() | length | |n| n.to_string()), text).await, format!("{waits} out:3"));
    let out = format!("{waits} out:a out:b out:c");
    assert_eq!(story.of(chain!(String => s() | letters), text).await, out);
    assert_eq!(story.of(chain!(String => s() | match { _ => letters }), text).await, out);
    assert_eq!(story.of(chain!(String => s() | letters.fallback(refuse)), text).await, out);
    // LangChain streams through here, and then tries nothing again; here a retry keeps its input.
    assert_eq!(story.of(chain!(String => s() | letters.retry(2)), text).await, out);
    let map = chain!(String => s() | <g: upper, p: _>);
    let both = story.of(map, |chunk| chunk.clone().g().or(chunk.p()).unwrap()).await;
    assert_eq!(both, "src:a out:A out:a src:b out:B out:b src:c out:C out:c");
}

#[tokio::test]
async fn generators_add_up() {
    let s = String::from("to be or");
    assert_eq!(same(chain!(String => upper), s.clone()).await, r#"Ok("TO BE OR")"#);
    assert_eq!(same(chain!(String => letters | upper | words), s.clone()).await, r#"Ok(["TO", "BE", "OR"])"#);
    assert_eq!(same(chain!(String => abc() | nothing), s.clone()).await, r#"Ok("")"#);
    assert_eq!(same(chain!(String => nothing | words), s.clone()).await, "Ok([])");
    assert_eq!(same(chain!(String => nothing | length), s.clone()).await, "Ok(0)");
    let double = || generator(|numbers: Chunks<'_, u32>| Chunks::new(numbers.map_ok(|n| n * 2)));
    assert_eq!(same(chain!(Vec<u32> => double() | double()), vec![1, 2]).await, "Ok([4, 8])");
    assert_eq!(same(chain!(Vec<u32> => |v| v | double()), vec![]).await, "Ok([])");
    let called = tagged.invoke_with("x".to_owned(), Config::new().tag("t")).await;
    assert_eq!(called.unwrap(), "tx");
    let direct: Vec<String> = upper::function(stream::iter([Ok("x".to_owned())])).try_collect().await.unwrap();
    assert_eq!(direct, ["X"]);
}

#[tokio::test(start_paused = true)]
async fn the_first_words_come_before_the_last_ones_are_made() {
    let source = Scripted::says(["to b", "e or ", "not"]).every(secs(1));
    let chain = chain!(String => source | words | upper_all);
    assert_streams!(chain);
    let seen = times(chain.stream(String::new())).await;
    assert_eq!(seen, at(&[(0, r#"["TO"]"#), (1, r#"["BE", "OR"]"#), (3, r#"["NOT"]"#)]));
}

#[runnable]
fn upper_all(
    words: impl Stream<Item = catena::Result<Vec<String>>> + Send,
) -> impl Stream<Item = catena::Result<Vec<String>>> + Send {
    words.map_ok(|words| words.iter().map(|word| word.to_uppercase()).collect())
}

#[tokio::test]
async fn an_error_before_a_generator_is_not_its_own() {
    let path = |story: String| story.split(" failed").next().unwrap_or_default().trim_start_matches("Err(").to_owned();
    let s = String::new();
    assert_eq!(path(same(chain!(String => cut() | upper | upper), s.clone()).await), "scripted");
    assert_eq!(path(same(chain!(String => cut() | <a: upper, b?: length>), s.clone()).await), "scripted");
    let inner = chain!(String => upper | <a?: upper, b: _> | .b | upper).named("inner");
    assert_eq!(path(same(chain!(String => cut() | inner | upper), s.clone()).await), "scripted");
    let inner = chain!(String => upper | chain!(String => upper | upper | cut())).named("inner");
    assert_eq!(path(same(chain!(String => abc() | inner | upper), s.clone()).await), "inner.scripted");
    let inner = chain!(String => upper | chain!(String => upper | upper)).named("inner");
    assert_eq!(path(same(chain!(String => cut() | upper | inner), s.clone()).await), "scripted");
    let bad = chain!(String => abc() | <a: upper, b: upper | refuse>);
    assert_eq!(path(same(bad, s.clone()).await), "<b>.refuse");
    let settled = chain!(String => abc() | <a: upper, b?: upper | refuse> | |r| format!("{}{}", r.a, r.b.is_err()));
    assert_eq!(same(settled, s.clone()).await, r#"Ok("ABCtrue")"#);
}

#[tokio::test(start_paused = true)]
async fn what_a_map_gave_goes_through_picks_piece_by_piece() {
    let source = || abc().every(secs(1));
    let late = || Scripted::says(["x"]).after(secs(9));
    let seen = times(chain!(String => <a: source(), b: late()> | .a | upper).stream(String::new())).await;
    assert_eq!(seen, at(&[(0, r#""A""#), (1, r#""B""#), (2, r#""C""#)]));

    let some = chain!(String => <a: source(), b: late(), c: length> | .{c, a});
    let seen = times(some.stream("hey".into())).await;
    assert_eq!(seen, at(&[(0, r#"a("a")"#), (0, "c(3)"), (1, r#"a("b")"#), (2, r#"a("c")"#)]));

    let rest = chain!(String => <a: source(), b: length> | <.., up: .a | upper, n: |r| r.b>);
    let seen = times(rest.stream("hey".into())).await;
    let first: Vec<_> = seen.iter().filter(|(at, _)| *at == 0).map(|(_, chunk)| chunk.as_str()).collect();
    assert_eq!(first, [r#"a("a")"#, r#"up("A")"#, "b(3)"]);
    assert_eq!(seen.last().unwrap(), &(3, "n(3)".to_owned()));

    let nested = chain!(String => <a: <b: source(), c: late()>> | .a | .b);
    assert_eq!(times(nested.stream(String::new())).await.len(), 3);
    let settled = chain!(String => <a?: source()> | .a);
    assert_eq!(times(settled.stream(String::new())).await[1], (1, r#"Ok("b")"#.to_owned()));
}

#[tokio::test]
async fn picks_out_of_more_than_twelve_fields_stream() {
    let t = || Scripted::says(["1", "2"]);
    let chain = || {
        chain!(String => <
        a: t(), b: t(), c: t(), d: t(), e: t(), f: t(), g: t(), h: t(), i: t(), j: t(), k: t(), l: t(), m: abc(),
    >)
    };
    let chunks = collected(chain!(String => chain() | .m).stream(String::new())).await.unwrap();
    assert_eq!(chunks, ["a", "b", "c"]);
    let some = chain!(String => chain() | .{m, a} | |r| r.m + &r.a);
    assert_eq!(same(some, String::new()).await, r#"Ok("abc12")"#);
}

#[tokio::test]
async fn picks_add_up() {
    let s = String::from("hey");
    let maps = || chain!(String => <a: abc(), b?: abc() | upper, c: <d: length, e?: refuse, f: _>>);
    assert_eq!(same(chain!(String => maps() | .a), s.clone()).await, r#"Ok("abc")"#);
    assert_eq!(same(chain!(String => maps() | .c | .f), s.clone()).await, r#"Ok("hey")"#);
    assert_eq!(same(chain!(String => maps() | .{b, a} | .b), s.clone()).await, r#"Ok(Ok("ABC"))"#);
    assert_eq!(same(chain!(String => maps() | <x: .c | .d, y: _> | .y | .a), s.clone()).await, r#"Ok("abc")"#);
    // A failure beside the field is a failure all the same.
    assert!(same(chain!(String => <a: abc(), b: refuse> | .a), s.clone()).await.starts_with("Err(<b>.refuse"));
    let chosen = chain!(String => match { _ => <a: abc(), b: length> } | .a | upper);
    assert_eq!(same(chosen, s.clone()).await, r#"Ok("ABC")"#);
}

#[tokio::test]
async fn a_slow_branch_sets_the_pace_and_one_that_ends_sets_none() -> catena::Result<()> {
    let source = Scripted::says(["x"; 50]);
    let log = source.log();
    // One branch waits for all: it must not make the source run away from the other.
    let chain = chain!(String => source | <size: length, up: upper>);
    let mut chunks = chain.stream(String::new());
    for read in 1..=20 {
        assert!(chunks.next().await.unwrap()?.up().is_some());
        assert!(log.pieces() <= read + 2, "{} pieces were made when {read} had been read", log.pieces());
    }
    let rest: Vec<_> = chunks.try_collect().await?;
    assert_eq!(rest.into_iter().filter_map(|chunk| chunk.size()).collect::<Vec<_>>(), [50]);

    let one = generator(|text: Chunks<'_, String>| Chunks::new(text.take(1)));
    let chain = chain!(String => Scripted::says(["x"; 50]) | <one: one, all: length>);
    let both = chain.stream(String::new()).assemble(chain.assembler()).await?;
    assert_eq!((both.one.as_str(), both.all), ("x", 50));
    Ok(())
}

#[tokio::test]
async fn a_source_stops_when_nobody_reads_any_more() -> catena::Result<()> {
    let source = Scripted::says(["x"; 50]);
    let log = source.log();
    let first = || generator(|text: Chunks<'_, String>| Chunks::new(text.take(1)));
    let chain = chain!(String => source | <a: first(), b: first()>);
    let chunks = collected(chain.stream(String::new())).await?;
    assert_eq!((chunks.len(), log.pieces(), log.running()), (2, 1, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn maps_merge_what_comes_in_the_order_it_comes() {
    // Every 100 ms thrice, every 250 ms twice, and the input at once.
    let x = Scripted::says(["x0", "x1", "x2"]).after(ms(100)).every(ms(100));
    let y = Scripted::says(["y0", "y1"]).after(ms(250)).every(ms(250));
    let chain = chain!(String => <x: x, y: y, z: _>);
    let seen: Vec<String> = times(chain.stream("in".into())).await.into_iter().map(|(_, chunk)| chunk).collect();
    assert_eq!(seen, [r#"z("in")"#, r#"x("x0")"#, r#"x("x1")"#, r#"y("y0")"#, r#"x("x2")"#, r#"y("y1")"#]);
}

#[tokio::test(start_paused = true)]
async fn a_tap_sees_the_whole_once_and_holds_up_nothing() {
    let seen = Mutex::new(Vec::new());
    let look = |text: &String| seen.lock().unwrap().push(text.clone());
    let tapped = abc().every(secs(1)).tap(look);
    let mut chunks = RunnableStream::<String>::stream_of(&tapped);
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    assert!(seen.lock().unwrap().is_empty());
    assert_eq!(chunks.count().await, 2);
    assert_eq!(*seen.lock().unwrap(), ["abc"]);
    assert_eq!(collected(chain!(String => cut().tap(look)).stream(String::new())).await.unwrap_err().message(), "cut");
    assert_eq!(seen.lock().unwrap().len(), 1, "what fails is not shown");
    let sizes = Mutex::new(Vec::new());
    let chain = chain!(String => abc() | length.tap(|n: &usize| sizes.lock().unwrap().push(*n)));
    assert_eq!(collected(chain.stream(String::new())).await.unwrap(), [3]);
    assert_eq!(*sizes.lock().unwrap(), [3]);
}

/// The stream of a step that takes anything.
trait RunnableStream<In: Send>: Runnable<In> {
    fn stream_of(&self) -> Chunks<'_, Self::Chunk>;
}

impl<R: Runnable<String>> RunnableStream<String> for R {
    fn stream_of(&self) -> Chunks<'_, Self::Chunk> {
        self.stream(String::new())
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_can_have_settings_and_own_its_chain() {
    let late = abc().every(secs(1));
    let chain = Arc::new(chain!(String => late | tagged));
    let chunks = collected(chain.stream_with(String::new(), Config::new().tag("t"))).await.unwrap();
    assert_eq!(chunks, ["ta", "tb", "tc"]);
    let config = || Config::new().run_name("nap").deadline(ms(1500));
    let mut chunks: Chunks<'static, String> = chain.stream_owned_with(String::new(), config());
    drop(chain);
    let body = tokio::spawn(async move {
        assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
        assert_eq!(chunks.next().await.unwrap().unwrap(), "b");
        let error = chunks.next().await.unwrap().unwrap_err();
        assert!(chunks.next().await.is_none());
        error
    });
    assert_eq!(body.await.unwrap().to_string(), "nap: the run's deadline of 1.5s has passed");
    let bad = Arc::new(chain!(String => refuse));
    let errors = [
        bad.invoke_with(String::new(), Config::new().run_name("n")).await.unwrap_err(),
        collected(bad.stream_with(String::new(), Config::new().run_name("n"))).await.unwrap_err(),
        collected(bad.stream_owned_with(String::new(), Config::new().run_name("n"))).await.unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.path() == "n.refuse"), "{errors:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_map_over_a_stream_runs_before_somebody_reads() {
    let source = abc();
    let log = source.log();
    let chain = chain!(String => source | <a: upper, b: _> | .a);
    let chunks = chain.stream(String::new());
    sleep(secs(1)).await;
    assert_eq!(log.calls(), 0);
    drop(chunks);
}

#[runnable]
fn loud() -> impl Runnable<String, Output = String> {
    chain!(String => abc() | <loud: upper, plain: _> | .loud | upper)
}
assert_streams!(fn loud);

#[test]
fn the_compiler_knows_what_blocks() {
    fn block<S: Step>(_: S) -> (Option<&'static str>, bool) {
        (S::NODE.first_block(), S::NODE.gives_pieces())
    }
    assert_eq!(block(chain!(String => length | |n| n.to_string() | abc())), (None, true));
    assert_eq!(block(chain!(String => abc() | length)), (Some("length"), false));
    assert_eq!(block(chain!(String => abc() | |text| text)), (Some("|text|"), false));
    assert_eq!(block(chain!(String => abc() | match { _ => upper })), (Some("match"), true));
    assert_eq!(block(chain!(String => abc() | upper.retry(2))), (Some("upper"), true));
    assert_eq!(block(chain!(String => abc() | <a: _, b: upper | length>)), (Some("length"), true));
    assert_eq!(block(chain!(String => <a: abc(), b: length> | .a | upper)), (None, true));
    assert_eq!(block(chain!(String => abc() | upper.boxed())), (Some("upper"), false));
    assert_eq!(block(chain!(String => abc() | upper.with_config(Config::new()).named("n"))), (None, true));
    assert_eq!(block(chain!(String => match { _ => abc() | length })), (Some("length"), false));
    assert_eq!(block(chain!(String => _)), (None, false));
}

#[derive(Clone, Debug, Record)]
struct Answers {
    size: usize,
    first: String,
    second: catena::Result<String>,
}

struct Unnamed {
    size: usize,
    first: String,
}

#[tokio::test(start_paused = true)]
async fn a_struct_of_the_users_has_chunks_with_names() -> catena::Result<()> {
    let source = abc().every(secs(1));
    // Written in another order than declared.
    let chain = chain!(String => <first: source, second?: refuse, size: length> as Answers);
    assert_streams!(chain);
    let start = Instant::now();
    let mut chunks = chain.stream("hey".into());
    let mut firsts = Vec::new();
    while let Some(chunk) = chunks.next().await {
        match chunk? {
            AnswersChunk::First(piece) => firsts.push((start.elapsed().as_secs(), piece)),
            AnswersChunk::Second(result) => assert!(result.is_err()),
            AnswersChunk::Size(size) => assert_eq!(size, 3),
        }
    }
    assert_eq!(firsts, [(0, "a".to_owned()), (1, "b".to_owned()), (2, "c".to_owned())]);
    let story = same(chain!(String => <first: abc(), second?: abc(), size: length> as Answers), "hey".to_owned()).await;
    assert_eq!(story, r#"Ok(Answers { size: 3, first: "abc", second: Ok("abc") })"#);
    let picked =
        chain!(String => <first: abc().every(secs(1)), second?: abc(), size: length> as Answers | .first | upper);
    assert_eq!(times(picked.stream(String::new())).await[1], (1, r#""B""#.to_owned()));
    // A whole struct that stands in for one in pieces is cut up.
    let arms = chain!(String => match {
        s if s.is_empty() => <first: abc(), second?: abc(), size: length> as Answers,
        _ => |s| Answers { size: 9, first: s, second: Ok(String::new()) },
    });
    let sizes = collected(arms.stream("other".into())).await?;
    assert_eq!(sizes.len(), 3);
    assert_eq!(same(arms, "x".into()).await, r#"Ok(Answers { size: 9, first: "x", second: Ok("") })"#);
    Ok(())
}

#[tokio::test]
async fn a_struct_that_is_no_record_comes_in_one() -> catena::Result<()> {
    let chain = chain!(String => <first: abc(), size: length> as Unnamed);
    assert_eq!(Step::name(&chain), None);
    let chunks = collected(chain.stream("hey".into())).await?;
    assert_eq!((chunks.len(), chunks[0].first.as_str(), chunks[0].size), (1, "abc", 3));
    Ok(())
}
