//! `rig-core` 0.39, the last with a pipeline. Its `.then(..)` takes only what gives the type that it gets; `.chain(then(..))` takes all.

use crate::{
    case::{Case, kept},
    steps::{add, first, length, long_text, mix, model, parse, prompt, spaces, triple, wait},
};
use catena::{Error, Result};
use rig_core::{
    parallel,
    pipeline::{self, Op, TryOp, map, then},
};
use std::hint::black_box;

const RIG: &str = "rig";

pub fn three_steps(case: Case) -> Case {
    let pipeline = kept(pipeline::new().map(add::function).map(triple::function).chain(then(mix::function)));
    case.by(RIG, || pipeline.call(black_box(7)))
}

pub fn three_waits(case: Case) -> Case {
    let pipeline = kept(pipeline::new().then(wait::function).and_then(wait::function).and_then(wait::function));
    case.by(RIG, || pipeline.try_call(black_box(7)))
}

pub fn texts(case: Case) -> Case {
    let pipeline = kept(
        pipeline::new()
            .map(prompt::function)
            .chain(then(model::function))
            .and_then(|answer| async move { Ok::<_, Error>(parse::function(answer)?) }),
    );
    case.by(RIG, || pipeline.try_call(black_box("What is quantum computing?").to_owned()))
}

pub fn three_branches(case: Case) -> Case {
    let pipeline = kept(
        pipeline::new()
            .chain(parallel!(map(add::function), map(triple::function), then(mix::function)))
            .map(|(a, b, c): (u64, u64, Result<u64>)| Ok::<_, Error>(a ^ b ^ c?)),
    );
    case.by(RIG, || pipeline.call(black_box(7)))
}

pub fn three_waiting_branches(case: Case) -> Case {
    let pipeline = kept(
        pipeline::new()
            .chain(parallel!(then(wait::function), then(wait::function), then(wait::function)))
            .map(|(a, b, c): (Result<u64>, Result<u64>, Result<u64>)| Ok::<_, Error>(a? ^ b? ^ c?)),
    );
    case.by(RIG, || pipeline.call(black_box(7)))
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
    case.by(RIG, move || pipeline.call(black_box(text).clone()))
}
