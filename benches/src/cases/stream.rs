use crate::{
    case::{BY_HAND, CATENA, Case, kept},
    peers,
    steps::{drain, pass, source},
};
use catena::{Result, prelude::*};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use std::hint::black_box;

const CHUNKS: u64 = 1000;

pub fn cases() -> Vec<Case> {
    vec![one(), three(), ten(), merged()]
}

/// Steps whose streams are of no type that can be written down meet behind a pointer: so a chain put together by hand of parts
/// has one, too.
fn boxed<'a>(text: impl Stream<Item = Result<String>> + Send + 'a) -> stream::BoxStream<'a, Result<String>> {
    pass::function(text).boxed()
}

fn by_hand(steps: u64) -> impl Fn() -> stream::BoxStream<'static, Result<String>> {
    move || (0..steps).fold(source::function(black_box(CHUNKS)).boxed(), |chunks, _| boxed(chunks))
}

fn one() -> Case {
    let chain = kept(chain!(u64 => source | pass));
    let boxed = by_hand(1);
    Case::new("1,000 chunks through 1 step")
        .units(CHUNKS)
        .by(BY_HAND, move || drain(boxed()))
        .by(CATENA, || drain(chain.stream(black_box(CHUNKS))))
        .by("by hand, without a box", || drain(pass::function(source::function(black_box(CHUNKS)))))
        .with(|case| peers::stream_of_one(case, CHUNKS))
}

fn three() -> Case {
    let chain = kept(chain!(u64 => source | pass | pass | pass));
    let boxed = by_hand(3);
    Case::new("1,000 chunks through 3 steps")
        .units(CHUNKS)
        .by(BY_HAND, move || drain(boxed()))
        .by(CATENA, || drain(chain.stream(black_box(CHUNKS))))
        .with(|case| peers::stream_of_three(case, CHUNKS))
}

fn ten() -> Case {
    let chain = kept(chain!(u64 => source | pass | pass | pass | pass | pass | pass | pass | pass | pass | pass));
    let boxed = by_hand(10);
    Case::new("1,000 chunks through 10 steps")
        .units(CHUNKS)
        .by(BY_HAND, move || drain(boxed()))
        .by(CATENA, || drain(chain.stream(black_box(CHUNKS))))
        .with(|case| peers::stream_of_ten(case, CHUNKS))
}

/// A chunk, and which of the three it is of: what a map yields.
enum Third {
    A(String),
    B(String),
    C(String),
}

fn merged() -> Case {
    const THIRD: u64 = 334;
    let chain = kept(chain!(u64 => <a: source, b: source, c: source>));
    let one = || source::function(black_box(THIRD));
    Case::new("1,002 chunks of a map of 3")
        .units(3 * THIRD)
        .by(BY_HAND, move || {
            let (a, b, c) = (one().map_ok(Third::A), one().map_ok(Third::B), one().map_ok(Third::C));
            let merged = stream::select(stream::select(a, b), c);
            drain(merged.map_ok(|chunk| match black_box(chunk) {
                Third::A(text) | Third::B(text) | Third::C(text) => text,
            }))
        })
        .by(CATENA, || drain(chain.stream(black_box(THIRD))))
        .by("by hand, with `select_all`", move || {
            drain(stream::select_all([one().boxed(), one().boxed(), one().boxed()]))
        })
        .with(|case| peers::stream_of_a_map(case, THIRD))
}
