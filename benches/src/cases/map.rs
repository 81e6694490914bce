use crate::{
    case::{BY_HAND, CATENA, Case, kept},
    peers,
    steps::{add, first, length, long_text, mix, spaces, triple, wait},
};
use catena::{Context, Error, Result, prelude::*};
use futures_util::{future, try_join};
use std::hint::black_box;

pub fn cases() -> Vec<Case> {
    vec![three(), twelve(), suspending(), long(), nested(), over_a_list()]
}

async fn ok<T>(value: T) -> Result<T> {
    Ok(value)
}

fn three() -> Case {
    let chain = kept(chain!(u64 => <a: add, b: triple, c: mix> | |r| r.a ^ r.b ^ r.c));
    Case::new("3 ready branches")
        .goal(1.1)
        .by(BY_HAND, || async {
            let n = black_box(7);
            let (a, b, c) = try_join!(ok(add::function(n)), ok(triple::function(n)), mix::function(n))?;
            Ok::<_, Error>(a ^ b ^ c)
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::three_branches)
}

fn twelve() -> Case {
    let chain = kept(chain!(u64 =>
        <a: mix, b: mix, c: mix, d: mix, e: mix, f: mix, g: mix, h: mix, i: mix, j: mix, k: mix, l: mix>
        | |r| r.a + r.b + r.c + r.d + r.e + r.f + r.g + r.h + r.i + r.j + r.k + r.l
    ));
    Case::new("12 ready branches")
        .goal(1.1)
        .by(BY_HAND, || async {
            let m = || mix::function(black_box(7));
            let r = try_join!(m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m())?;
            Ok::<_, Error>(r.0 + r.1 + r.2 + r.3 + r.4 + r.5 + r.6 + r.7 + r.8 + r.9 + r.10 + r.11)
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::twelve_branches)
}

fn suspending() -> Case {
    let chain = kept(chain!(u64 => <a: wait, b: wait, c: wait> | |r| r.a ^ r.b ^ r.c));
    Case::new("3 branches that wait once")
        .by(BY_HAND, || async {
            let n = black_box(7);
            let (a, b, c) = try_join!(wait::function(n), wait::function(n), wait::function(n))?;
            Ok::<_, Error>(a ^ b ^ c)
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::waiting_branches)
}

fn long() -> Case {
    let chain = kept(
        chain!(String => <length: length, spaces: spaces, first: first> | |r| r.length + r.spaces + usize::from(r.first)),
    );
    let (text, cx) = (kept(long_text()), kept(Context::new()));
    Case::new("3 branches that read 16 KiB")
        .goal(1.1)
        .by(BY_HAND, || async {
            let text = black_box(text.as_str());
            let (long, wide, byte) =
                try_join!(ok(length::function(text)), ok(spaces::function(text)), ok(first::function(text)))?;
            Ok::<_, Error>(long + wide + usize::from(byte))
        })
        .by(CATENA, || chain.call_ref(black_box(text), cx))
        .with(peers::long_branches)
}

fn nested() -> Case {
    let chain = kept(chain!(u64 => add | <a: add | mix, b: triple | mix> | |r| r.a ^ r.b | mix));
    Case::new("a step, a map of sequences, a step")
        .goal(1.1)
        .by(BY_HAND, || async {
            let n = add::function(black_box(7));
            let (a, b) = try_join!(mix::function(add::function(n)), mix::function(triple::function(n)))?;
            mix::function(a ^ b).await
        })
        .by(CATENA, || chain.invoke(black_box(7)))
        .with(peers::nested)
}

fn over_a_list() -> Case {
    let chain = kept(chain!(Vec<u64> => wait.map()));
    let list = || black_box((0..100).collect::<Vec<u64>>());
    Case::new("a step over a list of 100")
        .units(100)
        .by(BY_HAND, move || future::try_join_all(list().into_iter().map(wait::function)))
        .by(CATENA, move || chain.invoke(list()))
        .with(peers::over_a_list)
}
