//! `synaptic-runnables`: steps in boxes, put together with `|`. The outputs of its parallel step are `serde_json::Value`s: its
//! branches put the numbers in and the step after it takes them out, as its users have to.

use super::{cannot, list, question};
use crate::{
    case::{Case, kept},
    steps::{add, first, length, long_text, mix, model, parse, prompt, refuse, spaces, triple, wait},
};
use futures_util::TryFutureExt;
use serde_json::Value;
use std::{fmt::Display, future::ready, hint::black_box, time::Duration};
use synaptic_core::{RunnableConfig, SynapticError};
use synaptic_runnables::{
    BoxRunnable, RetryPolicy, Runnable, RunnableBranch, RunnableEach, RunnableLambda, RunnableParallel, RunnableRetry,
    RunnableWithFallbacks,
};

const WHO: &str = list::SYNAPTIC.who;

type Numbers = BoxRunnable<u64, u64>;

fn error(error: impl Display) -> SynapticError {
    SynapticError::Validation(error.to_string())
}

fn adds() -> Numbers {
    RunnableLambda::new(|n| ready(Ok(add::function(n)))).boxed()
}

fn triples() -> Numbers {
    RunnableLambda::new(|n| ready(Ok(triple::function(n)))).boxed()
}

fn mixes() -> Numbers {
    RunnableLambda::new(|n| mix::function(n).map_err(error)).boxed()
}

fn waits() -> Numbers {
    RunnableLambda::new(|n| wait::function(n).map_err(error)).boxed()
}

fn refuses() -> Numbers {
    RunnableLambda::new(|n| refuse::function(n).map_err(error)).boxed()
}

fn numbers(case: Case, chain: impl Runnable<u64, u64> + 'static) -> Case {
    let (chain, config) = (kept(chain), kept(RunnableConfig::default()));
    case.by(WHO, || chain.invoke(black_box(7), config))
}

pub fn one_step(case: Case) -> Case {
    numbers(case, mixes())
}

pub fn three_steps(case: Case) -> Case {
    numbers(case, adds() | triples() | mixes())
}

pub fn ten_steps(case: Case) -> Case {
    let eight = (1..4).fold(adds() | triples(), |chain, _| chain | adds() | triples());
    numbers(case, eight | adds() | mixes())
}

pub fn hundred_steps(case: Case) -> Case {
    numbers(case, (1..50).fold(mixes() | adds(), |chain, _| chain | mixes() | adds()))
}

pub fn three_waits(case: Case) -> Case {
    numbers(case, waits() | waits() | waits())
}

pub fn texts(case: Case) -> Case {
    let prompts = RunnableLambda::new(|question| ready(Ok(prompt::function(question))));
    let models = RunnableLambda::new(|text| model::function(text).map_err(error));
    let parses = RunnableLambda::new(|answer| ready(parse::function(answer).map_err(error)));
    let chain = kept(prompts.boxed() | models.boxed() | parses.boxed());
    let config = kept(RunnableConfig::default());
    case.by(WHO, || chain.invoke(question(), config))
}

/// Its steps are behind pointers, anyway.
pub fn boxed_steps(case: Case) -> Case {
    three_steps(case)
}

fn json<I: Send + 'static>(step: BoxRunnable<I, u64>) -> BoxRunnable<I, Value> {
    step | RunnableLambda::new(|n: u64| ready(Ok(Value::from(n)))).boxed()
}

fn named_branch<I: Send + 'static>(name: &str, step: BoxRunnable<I, u64>) -> (String, BoxRunnable<I, Value>) {
    (name.to_owned(), json(step))
}

fn number(fields: &Value, name: &str) -> Result<u64, SynapticError> {
    fields.get(name).and_then(Value::as_u64).ok_or_else(|| error(name))
}

/// The fields of a map, put together.
fn all(
    names: &'static [&'static str],
    together: impl Fn(u64, u64) -> u64 + Copy + Send + Sync + 'static,
) -> BoxRunnable<Value, u64> {
    let of = move |fields: &Value| names.iter().try_fold(0, |all, name| number(fields, name).map(|n| together(all, n)));
    RunnableLambda::new(move |fields| ready(of(&fields))).boxed()
}

pub fn three_branches(case: Case) -> Case {
    let branches = vec![named_branch("a", adds()), named_branch("b", triples()), named_branch("c", mixes())];
    numbers(case, RunnableParallel::new(branches).boxed() | all(&["a", "b", "c"], |a, b| a ^ b))
}

pub fn twelve_branches(case: Case) -> Case {
    const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let branches = NAMES.iter().map(|name| named_branch(name, mixes())).collect();
    numbers(case, RunnableParallel::new(branches).boxed() | all(&NAMES, |a, b| a + b))
}

pub fn waiting_branches(case: Case) -> Case {
    let branches = vec![named_branch("a", waits()), named_branch("b", waits()), named_branch("c", waits())];
    numbers(case, RunnableParallel::new(branches).boxed() | all(&["a", "b", "c"], |a, b| a ^ b))
}

/// Its parallel step copies the input for each branch.
pub fn long_branches(case: Case) -> Case {
    let reads = |read: fn(&str) -> u64| RunnableLambda::new(move |text: String| ready(Ok(read(&text)))).boxed();
    let branches = vec![
        named_branch("long", reads(|text| length::function(text) as u64)),
        named_branch("wide", reads(|text| spaces::function(text) as u64)),
        named_branch("byte", reads(|text| first::function(text).into())),
    ];
    let chain = kept(RunnableParallel::new(branches).boxed() | all(&["long", "wide", "byte"], |a, b| a + b));
    let (text, config) = (kept(long_text()), kept(RunnableConfig::default()));
    case.by(WHO, move || chain.invoke(black_box(text).clone(), config))
}

pub fn nested(case: Case) -> Case {
    let branches = vec![named_branch("a", adds() | mixes()), named_branch("b", triples() | mixes())];
    numbers(case, adds() | RunnableParallel::new(branches).boxed() | all(&["a", "b"], |a, b| a ^ b) | mixes())
}

/// One after the other.
pub fn over_a_list(case: Case) -> Case {
    let (chain, config) = (kept(RunnableEach::new(waits())), kept(RunnableConfig::default()));
    case.by(WHO, || chain.invoke(black_box((0..100).collect()), config))
}

pub fn two_arms(case: Case) -> Case {
    numbers(case, RunnableBranch::new(vec![(Box::new(|n: &u64| n.is_multiple_of(2)), triples())], mixes()))
}

type When = Box<dyn Fn(&u64) -> bool + Send + Sync>;

pub fn eight_arms(case: Case) -> Case {
    let arms: Vec<(When, Numbers)> = vec![
        (Box::new(|n| *n == 0), adds()),
        (Box::new(|n| *n == 1), triples()),
        (Box::new(|n| *n == 2), mixes()),
        (Box::new(|n| *n == 3), adds() | triples()),
        (Box::new(|n| *n == 4), triples() | adds()),
        (Box::new(|n| *n == 5), mixes() | adds()),
        (Box::new(|n| *n == 6), mixes() | triples()),
    ];
    numbers(case, RunnableBranch::new(arms, triples() | mixes()))
}

cannot!("names are of its runs, not of its steps": named);
cannot!("it has no timeouts": timeout);

fn thrice() -> RetryPolicy {
    RetryPolicy::default().with_max_attempts(3).with_base_delay(Duration::ZERO)
}

pub fn unused_retry(case: Case) -> Case {
    numbers(case, RunnableRetry::new(mixes(), thrice()))
}

/// It sleeps between attempts, for zero seconds, too: tokio's timer wakes it a millisecond later.
pub fn used_retry(case: Case) -> Case {
    let (chain, config) = (kept(RunnableRetry::new(refuses(), thrice())), kept(RunnableConfig::default()));
    case.by(WHO, || async { chain.invoke(black_box(7), config).await.is_err() })
}

pub fn unused_fallback(case: Case) -> Case {
    numbers(case, RunnableWithFallbacks::new(mixes(), vec![adds()]))
}

pub fn used_fallback(case: Case) -> Case {
    numbers(case, RunnableWithFallbacks::new(refuses(), vec![adds()]))
}

pub fn batch(case: Case, inputs: u64, limit: usize) -> Case {
    if limit > 1 {
        return case.cannot(WHO, "its batch does one after the other");
    }
    let (chain, config) = (kept(adds() | waits() | triples()), kept(RunnableConfig::default()));
    case.by(WHO, move || async move {
        let results = chain.batch((0..black_box(inputs)).collect(), config).await;
        results.into_iter().flatten().fold(0, u64::wrapping_add)
    })
}

cannot!("its batch does one after the other": long_batch(u64, usize));
cannot!(
    "the last step of a sequence alone streams, steps before it give all at once":
    stream_of_one(u64), stream_of_three(u64), stream_of_ten(u64),
);
cannot!("its parallel step streams one chunk, when all is there": stream_of_a_map(u64));
cannot!("it has no events of steps in `synaptic-runnables`": observed);
