//! `futures`: the combinators, without a box where their types allow it. What is written by hand elsewhere uses it, too.

use super::{cannot, list, question};
use crate::{
    case::{Case, kept},
    steps::{add, drain, first, length, long_text, mix, model, parse, prompt, refuse, source, spaces, triple, wait},
};
use catena::{Error, Result};
use futures_util::{
    FutureExt, StreamExt, TryFutureExt, TryStreamExt,
    future::{self, Either, ok, ready},
    stream,
};
use std::hint::black_box;

const WHO: &str = list::FUTURES.who;

pub fn one_step(case: Case) -> Case {
    case.by(WHO, || ready(black_box(7)).then(mix::function))
}

pub fn three_steps(case: Case) -> Case {
    case.by(WHO, || ready(black_box(7)).map(add::function).map(triple::function).then(mix::function))
}

pub fn ten_steps(case: Case) -> Case {
    case.by(WHO, || {
        ready(black_box(7))
            .map(add::function)
            .map(triple::function)
            .map(add::function)
            .map(triple::function)
            .map(add::function)
            .map(triple::function)
            .map(add::function)
            .map(triple::function)
            .map(add::function)
            .then(mix::function)
    })
}

/// A box after each ten: the type of a hundred is too deep for the compiler.
pub fn hundred_steps(case: Case) -> Case {
    case.by(WHO, || {
        let ten = |n: future::BoxFuture<'static, Result<u64>>| {
            n.and_then(mix::function)
                .map_ok(add::function)
                .and_then(mix::function)
                .map_ok(add::function)
                .and_then(mix::function)
                .map_ok(add::function)
                .and_then(mix::function)
                .map_ok(add::function)
                .and_then(mix::function)
                .map_ok(add::function)
                .boxed()
        };
        (0..10).fold(ok(black_box(7)).boxed(), |n, _| ten(n))
    })
}

pub fn three_waits(case: Case) -> Case {
    case.by(WHO, || wait::function(black_box(7)).and_then(wait::function).and_then(wait::function))
}

pub fn texts(case: Case) -> Case {
    case.by(WHO, || {
        let answer = ready(question()).map(prompt::function).then(model::function);
        answer.and_then(|answer| ready(parse::function(answer).map_err(Error::from)))
    })
}

pub fn boxed_steps(case: Case) -> Case {
    case.by(WHO, || ready(black_box(7)).map(add::function).map(triple::function).then(mix::function).boxed())
}

pub fn three_branches(case: Case) -> Case {
    case.by(WHO, || {
        let n = black_box(7);
        let all = future::try_join3(ok(add::function(n)), ok(triple::function(n)), mix::function(n));
        all.map_ok(|(a, b, c)| a ^ b ^ c)
    })
}

pub fn twelve_branches(case: Case) -> Case {
    case.by(WHO, || {
        let four = || {
            let m = || mix::function(black_box(7));
            future::try_join4(m(), m(), m(), m()).map_ok(|(a, b, c, d)| a + b + c + d)
        };
        future::try_join3(four(), four(), four()).map_ok(|(a, b, c)| a + b + c)
    })
}

pub fn waiting_branches(case: Case) -> Case {
    case.by(WHO, || {
        let n = black_box(7);
        future::try_join3(wait::function(n), wait::function(n), wait::function(n)).map_ok(|(a, b, c)| a ^ b ^ c)
    })
}

pub fn long_branches(case: Case) -> Case {
    let text = kept(long_text());
    case.by(WHO, || {
        let text = black_box(text.as_str());
        let (long, wide, byte) = (length::function(text), spaces::function(text), first::function(text));
        let all = future::try_join3(ok::<_, Error>(long), ok(wide), ok(byte));
        all.map_ok(|(long, wide, byte)| long + wide + usize::from(byte))
    })
}

pub fn nested(case: Case) -> Case {
    case.by(WHO, || {
        ready(black_box(7))
            .map(add::function)
            .then(|n| {
                let one = ready(n).map(add::function).then(mix::function);
                future::try_join(one, ready(n).map(triple::function).then(mix::function))
            })
            .and_then(|(a, b)| mix::function(a ^ b))
    })
}

pub fn over_a_list(case: Case) -> Case {
    case.by(WHO, || {
        let list = black_box((0..100).collect::<Vec<u64>>());
        stream::iter(list).map(wait::function).buffered(100).try_collect::<Vec<u64>>()
    })
}

pub fn two_arms(case: Case) -> Case {
    case.by(WHO, || match black_box(7) {
        n if n % 2 == 0 => Either::Left(ok(triple::function(n))),
        n => Either::Right(mix::function(n)),
    })
}

/// Eight types of futures meet in a box.
pub fn eight_arms(case: Case) -> Case {
    case.by(WHO, || match black_box(7) {
        n @ 0 => ready(n).map(add::function).map(Ok).boxed(),
        n @ 1 => ready(n).map(triple::function).map(Ok).boxed(),
        n @ 2 => mix::function(n).boxed(),
        n @ 3 => ready(n).map(add::function).map(triple::function).map(Ok).boxed(),
        n @ 4 => ready(n).map(triple::function).map(add::function).map(Ok).boxed(),
        n @ 5 => mix::function(n).map_ok(add::function).boxed(),
        n @ 6 => mix::function(n).map_ok(triple::function).boxed(),
        n => ready(n).map(triple::function).then(mix::function).boxed(),
    })
}

cannot!("it has no names for steps": named);
cannot!("it has no retries": unused_retry, used_retry);
cannot!("it has no timers": timeout);
cannot!("it is what is written by hand": batch(u64, usize), long_batch(u64, usize));
cannot!("it has no events of steps": observed);

pub fn unused_fallback(case: Case) -> Case {
    case.by(WHO, || {
        let n = black_box(7);
        mix::function(n).or_else(move |_| ok::<_, Error>(add::function(n)))
    })
}

pub fn used_fallback(case: Case) -> Case {
    case.by(WHO, || {
        let n = black_box(7);
        refuse::function(n).or_else(move |_| ok::<_, Error>(add::function(n)))
    })
}

pub fn stream_of_one(case: Case, chunks: u64) -> Case {
    case.by(WHO, move || drain(source::function(black_box(chunks)).map_ok(black_box)))
}

pub fn stream_of_three(case: Case, chunks: u64) -> Case {
    case.by(WHO, move || {
        drain(source::function(black_box(chunks)).map_ok(black_box).map_ok(black_box).map_ok(black_box))
    })
}

pub fn stream_of_ten(case: Case, chunks: u64) -> Case {
    case.by(WHO, move || {
        let five = source::function(black_box(chunks))
            .map_ok(black_box)
            .map_ok(black_box)
            .map_ok(black_box)
            .map_ok(black_box)
            .map_ok(black_box);
        drain(five.map_ok(black_box).map_ok(black_box).map_ok(black_box).map_ok(black_box).map_ok(black_box))
    })
}

/// All three are of one type: they need no box.
pub fn stream_of_a_map(case: Case, chunks: u64) -> Case {
    case.by(WHO, move || {
        let one = || source::function(black_box(chunks));
        drain(stream::select_all([one(), one(), one()]))
    })
}
