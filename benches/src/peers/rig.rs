//! `rig-core` 0.39, the last with a pipeline. Its `.then(..)` takes only what gives the type that it gets; `.chain(then(..))` takes all.

use super::{cannot, list, question};
use crate::{
    case::{Case, kept},
    steps::{add, first, length, long_text, mix, model, parse, prompt, spaces, triple, wait},
};
use catena::{Error, Result};
use rig_core::{
    conditional, parallel,
    pipeline::{self, Op, TryOp, map, then},
};
use std::hint::black_box;

const WHO: &str = list::RIG.who;

pub fn one_step(case: Case) -> Case {
    let pipeline = kept(pipeline::new().chain(then(mix::function)));
    case.by(WHO, || pipeline.call(black_box(7)))
}

pub fn three_steps(case: Case) -> Case {
    let pipeline = kept(pipeline::new().map(add::function).map(triple::function).chain(then(mix::function)));
    case.by(WHO, || pipeline.call(black_box(7)))
}

pub fn ten_steps(case: Case) -> Case {
    let pipeline = pipeline::new()
        .map(add::function)
        .map(triple::function)
        .map(add::function)
        .map(triple::function)
        .map(add::function)
        .map(triple::function)
        .map(add::function)
        .map(triple::function)
        .map(add::function)
        .chain(then(mix::function));
    let pipeline = kept(pipeline);
    case.by(WHO, || pipeline.call(black_box(7)))
}

pub fn three_waits(case: Case) -> Case {
    let pipeline = kept(pipeline::new().then(wait::function).and_then(wait::function).and_then(wait::function));
    case.by(WHO, || pipeline.try_call(black_box(7)))
}

pub fn texts(case: Case) -> Case {
    let pipeline = kept(
        pipeline::new()
            .map(prompt::function)
            .chain(then(model::function))
            .and_then(|answer| async move { Ok::<_, Error>(parse::function(answer)?) }),
    );
    case.by(WHO, || pipeline.try_call(question()))
}

/// For a type of a hundred, this crate has a larger `recursion_limit` than the compiler's own: an `Op` goes in no box.
pub fn hundred_steps(case: Case) -> Case {
    macro_rules! ten {
        ($pipeline:ident) => {
            let $pipeline = $pipeline
                .map_ok(add::function)
                .and_then(mix::function)
                .map_ok(add::function)
                .and_then(mix::function)
                .map_ok(add::function)
                .and_then(mix::function)
                .map_ok(add::function)
                .and_then(mix::function)
                .map_ok(add::function)
                .and_then(mix::function);
        };
    }
    let pipeline = pipeline::new().then(mix::function);
    ten!(pipeline);
    ten!(pipeline);
    ten!(pipeline);
    ten!(pipeline);
    ten!(pipeline);
    ten!(pipeline);
    ten!(pipeline);
    ten!(pipeline);
    ten!(pipeline);
    let pipeline = pipeline
        .map_ok(add::function)
        .and_then(mix::function)
        .map_ok(add::function)
        .and_then(mix::function)
        .map_ok(add::function)
        .and_then(mix::function)
        .map_ok(add::function)
        .and_then(mix::function)
        .map_ok(add::function);
    let pipeline = kept(pipeline);
    case.by(WHO, || pipeline.try_call(black_box(7)))
}

cannot!("an `Op` goes in no box": boxed_steps);

pub fn three_branches(case: Case) -> Case {
    let pipeline = kept(
        pipeline::new()
            .chain(parallel!(map(add::function), map(triple::function), then(mix::function)))
            .map(|(a, b, c): (u64, u64, Result<u64>)| Ok::<_, Error>(a ^ b ^ c?)),
    );
    case.by(WHO, || pipeline.call(black_box(7)))
}

pub fn twelve_branches(case: Case) -> Case {
    let pipeline = kept(
        pipeline::new()
            .chain(parallel!(
                then(mix::function),
                then(mix::function),
                then(mix::function),
                then(mix::function),
                then(mix::function),
                then(mix::function),
                then(mix::function),
                then(mix::function),
                then(mix::function),
                then(mix::function),
                then(mix::function),
                then(mix::function)
            ))
            .map(|(a, b, c, d, e, f, g, h, i, j, k, l)| {
                Ok::<u64, Error>(a? + b? + c? + d? + e? + f? + g? + h? + i? + j? + k? + l?)
            }),
    );
    case.by(WHO, || pipeline.call(black_box(7)))
}

pub fn waiting_branches(case: Case) -> Case {
    let pipeline = kept(
        pipeline::new()
            .chain(parallel!(then(wait::function), then(wait::function), then(wait::function)))
            .map(|(a, b, c): (Result<u64>, Result<u64>, Result<u64>)| Ok::<_, Error>(a? ^ b? ^ c?)),
    );
    case.by(WHO, || pipeline.call(black_box(7)))
}

/// Its parallel operation copies the input for each branch.
pub fn long_branches(case: Case) -> Case {
    let text = kept(long_text());
    let pipeline = kept(
        pipeline::new()
            .chain(parallel!(
                map(|text: String| length::function(&text)),
                map(|text: String| spaces::function(&text)),
                map(|text: String| first::function(&text))
            ))
            .map(|(long, wide, byte): (usize, usize, u8)| Ok::<_, Error>(long + wide + usize::from(byte))),
    );
    case.by(WHO, move || pipeline.call(black_box(text).clone()))
}

pub fn nested(case: Case) -> Case {
    let pipeline = kept(
        pipeline::new()
            .map(add::function)
            .chain(parallel!(
                map(add::function).chain(then(mix::function)),
                map(triple::function).chain(then(mix::function))
            ))
            .map(|(a, b): (Result<u64>, Result<u64>)| Ok::<_, Error>(a? ^ b?))
            .and_then(mix::function),
    );
    case.by(WHO, || pipeline.try_call(black_box(7)))
}

pub fn over_a_list(case: Case) -> Case {
    let pipeline = kept(pipeline::new().then(wait::function));
    case.by(WHO, || pipeline.try_batch_call(100, black_box((0..100).collect::<Vec<u64>>())))
}

enum Parity<T> {
    Even(T),
    Odd(T),
}

pub fn two_arms(case: Case) -> Case {
    let arms = conditional!(Parity, Even => map(|n| Ok(triple::function(n))), Odd => then(mix::function));
    let pipeline = kept(
        pipeline::new().map(|n: u64| if n.is_multiple_of(2) { Parity::Even(n) } else { Parity::Odd(n) }).chain(arms),
    );
    case.by(WHO, || pipeline.call(black_box(7)))
}

enum Arm<T> {
    Zero(T),
    One(T),
    Two(T),
    Three(T),
    Four(T),
    Five(T),
    Six(T),
    Other(T),
}

fn arm(n: u64) -> Arm<u64> {
    match n {
        0 => Arm::Zero(n),
        1 => Arm::One(n),
        2 => Arm::Two(n),
        3 => Arm::Three(n),
        4 => Arm::Four(n),
        5 => Arm::Five(n),
        6 => Arm::Six(n),
        _ => Arm::Other(n),
    }
}

pub fn eight_arms(case: Case) -> Case {
    let arms = conditional!(Arm,
        Zero => map(|n| Ok(add::function(n))),
        One => map(|n| Ok(triple::function(n))),
        Two => then(mix::function),
        Three => map(add::function).map(triple::function).map(Ok),
        Four => map(triple::function).map(add::function).map(Ok),
        Five => then(mix::function).map_ok(add::function),
        Six => then(mix::function).map_ok(triple::function),
        Other => map(triple::function).chain(then(mix::function)),
    );
    let pipeline = kept(pipeline::new().map(arm).chain(arms));
    case.by(WHO, || pipeline.call(black_box(7)))
}

cannot!("it has no names for operations": named);
cannot!("it has no retries": unused_retry, used_retry);
cannot!("its `or_else` gets the error, not the input": unused_fallback, used_fallback);
cannot!("it has no timeouts": timeout);

pub fn batch(case: Case, inputs: u64, limit: usize) -> Case {
    let pipeline = kept(pipeline::new().map(add::function).chain(then(wait::function)).map_ok(triple::function));
    case.by(WHO, move || async move {
        let results: Vec<Result<u64>> = pipeline.batch_call(limit, 0..black_box(inputs)).await;
        results.into_iter().flatten().fold(0, u64::wrapping_add)
    })
}

/// It gives no results before it has all of them.
pub fn long_batch(case: Case, inputs: u64, limit: usize) -> Case {
    batch(case, inputs, limit)
}

cannot!(
    "its pipelines have no streams":
    stream_of_one(u64), stream_of_three(u64), stream_of_ten(u64), stream_of_a_map(u64),
);
cannot!("it has no events of operations": observed);
