//! Whatever a chain is made of: its chunks assemble into exactly what a call gives.

use catena::{BoxRunnable, Chunks, Concat, Error, generator, prelude::*};
use catena_tests::Scripted;
use futures_util::{StreamExt, TryStreamExt, stream};
use proptest::prelude::*;

/// A step from text to text that keeps its chunks when it is boxed; boxes wait for their input, so that what is to
/// stream is put together before it is boxed.
type Text = BoxRunnable<String, String, String>;

/// The text cut up at these places.
fn source(cuts: Vec<usize>) -> impl Runnable<String, Output = String, Chunk = String, Assembler = Concat> {
    generator(move |text: Chunks<'_, String>| {
        let cuts = cuts.clone();
        Chunks::new(text.map_ok(move |text| stream::iter(cut(&text, &cuts).into_iter().map(Ok))).try_flatten())
    })
}

fn cut(text: &str, cuts: &[usize]) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for (at, letter) in text.chars().enumerate() {
        if cuts.contains(&at) {
            pieces.push(String::new());
        }
        if let Some(last) = pieces.last_mut() {
            last.push(letter);
        }
    }
    pieces
}

fn upper() -> impl Runnable<String, Output = String, Chunk = String, Assembler = Concat> {
    generator(|text: Chunks<'_, String>| Chunks::new(text.map_ok(|piece| piece.to_uppercase())))
}

/// Fails after so many pieces; a call, whose input is one piece, like a stream, by letters.
fn fails_at(letters: usize) -> impl Runnable<String, Output = String, Chunk = String, Assembler = Concat> {
    generator(move |text: Chunks<'_, String>| {
        let mut seen = 0;
        Chunks::new(text.map(move |piece| {
            let piece = piece?;
            seen += piece.chars().count();
            if seen > letters { Err(Error::msg(format!("more than {letters} letters"))) } else { Ok(piece) }
        }))
    })
}

#[runnable]
fn exclaim(text: &str) -> String {
    format!("{text}!")
}

#[runnable]
fn short(text: &str) -> catena::Result<String> {
    if text.len() > 3 { Err(Error::msg("too long")) } else { Ok(text.to_owned()) }
}

#[derive(Clone, Debug, Record)]
struct Both {
    right: String,
    left: String,
}

/// One link of a random chain around another, which comes first.
fn link(kind: u8, cuts: Vec<usize>, inner: Text) -> Text {
    let source = source(cuts);
    match kind {
        0 => chain!(String => inner | source | upper()).boxed_stream(),
        1 => chain!(String => inner | source | <a: _, b: upper()> | .b).boxed_stream(),
        2 => chain!(String => inner | source | <a: upper(), b?: short> | <.., c: .a> | .{c, a} | .a).boxed_stream(),
        3 => chain!(String => inner | source | <a: <b: _, c: exclaim>, d: upper()> | .a | .b).boxed_stream(),
        4 => chain!(String => inner | source | <left: upper(), right: _> as Both | .right | upper()).boxed_stream(),
        5 => chain!(String => inner | source | match { s if s.len() % 2 == 0 => upper(), _ => exclaim }).boxed_stream(),
        6 => chain!(String => inner | source | fails_at(7).retry(2).fallback(exclaim)).boxed_stream(),
        7 => chain!(String => inner | source | <n: fails_at(9), m?: short> | .n).boxed_stream(),
        8 => chain!(String => inner | source | short.tap(|_| ()) | exclaim).boxed_stream(),
        9 => chain!(String => inner | source | <m?: fails_at(5) | upper()> | .m | |m| m.unwrap_or_default())
            .boxed_stream(),
        10 => chain!(String => inner | source | fails_at(11) | <a: _, b: _> | |r| r.a + &r.b).boxed_stream(),
        _ => chain!(String => <a: inner, b: Scripted::says(["x", "y"])> | <.., z: .b | upper()> | .z).boxed_stream(),
    }
}

proptest! {
    #[test]
    fn chunks_assemble_into_what_a_call_gives(
        text in "[a-z ]{0,8}",
        links in prop::collection::vec((0u8..12, prop::collection::vec(0usize..10, 0..4)), 0..5),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let start = chain!(String => upper()).boxed_stream();
        let chain = links.iter().fold(start, |inner, (kind, cuts)| link(*kind, cuts.clone(), inner));
        runtime.block_on(async {
            let called = chain.invoke(text.clone()).await;
            let streamed = chain.stream(text.clone()).assemble(chain.assembler()).await;
            prop_assert_eq!(format!("{streamed:?}"), format!("{called:?}"));
            // After its end a stream stays ended.
            let mut chunks = chain.stream(text);
            while chunks.next().await.is_some() {}
            prop_assert!(chunks.next().await.is_none());
            Ok(())
        })?;
    }
}
