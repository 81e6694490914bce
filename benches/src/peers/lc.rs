//! `lc-core`, the core of `langchainrust`. What its steps give each other is behind `Box<dyn Any>`, and the outputs of its parallel
//! step are `serde_json::Value`s: the step after it takes the numbers out of them, as its users have to.

use super::{cannot, list, question};
use crate::{
    case::{Case, kept},
    steps::{add, drain, first, length, long_text, mix, model, parse, prompt, refuse, source, spaces, triple, wait},
};
use async_trait::async_trait;
use futures_util::{Stream, StreamExt, TryFutureExt, TryStreamExt};
use lc_core::runnables::{
    LcelError, RetryConfig, RetryOn, Runnable, RunnableBranch, RunnableConfig, RunnableExt, RunnableLambda,
    RunnableParallel, RunnableSequence,
};
use serde_json::Value;
use std::{collections::HashMap, fmt::Display, hint::black_box, pin::Pin, time::Duration};

const WHO: &str = list::LC.who;

fn error(error: impl Display) -> LcelError {
    LcelError::Other(error.to_string())
}

fn adds() -> RunnableLambda<u64, u64> {
    RunnableLambda::new_sync(add::function)
}

fn triples() -> RunnableLambda<u64, u64> {
    RunnableLambda::new_sync(triple::function)
}

fn mixes() -> RunnableLambda<u64, u64> {
    RunnableLambda::new_async(|n| mix::function(n).map_err(error))
}

fn waits() -> RunnableLambda<u64, u64> {
    RunnableLambda::new_async(|n| wait::function(n).map_err(error))
}

fn refuses() -> RunnableLambda<u64, u64> {
    RunnableLambda::new_async(|n| refuse::function(n).map_err(error))
}

fn numbers(case: Case, chain: impl Runnable<u64, u64> + 'static) -> Case {
    let chain = kept(chain);
    case.by(WHO, || chain.invoke(black_box(7), None))
}

pub fn one_step(case: Case) -> Case {
    numbers(case, mixes().into_sequence())
}

pub fn three_steps(case: Case) -> Case {
    numbers(case, adds().pipe(triples()).pipe(mixes()))
}

pub fn ten_steps(case: Case) -> Case {
    let eight = (1..4).fold(adds().pipe(triples()), |chain, _| chain.pipe(adds()).pipe(triples()));
    numbers(case, eight.pipe(adds()).pipe(mixes()))
}

pub fn hundred_steps(case: Case) -> Case {
    let chain: RunnableSequence<u64, u64> = mixes().pipe(adds());
    numbers(case, (1..50).fold(chain, |chain, _| chain.pipe(mixes()).pipe(adds())))
}

pub fn three_waits(case: Case) -> Case {
    numbers(case, waits().pipe(waits()).pipe(waits()))
}

pub fn texts(case: Case) -> Case {
    let chain = RunnableLambda::new_sync(prompt::function)
        .pipe(RunnableLambda::new_async(|text| model::function(text).map_err(error)))
        .pipe(RunnableLambda::new_sync_fallible(|answer| parse::function(answer).map_err(error)));
    let chain = kept(chain);
    case.by(WHO, || chain.invoke(question(), None))
}

/// Its steps are behind pointers, anyway.
pub fn boxed_steps(case: Case) -> Case {
    three_steps(case)
}

type Fields = HashMap<String, Value>;

fn number(fields: &Fields, name: &str) -> Result<u64, LcelError> {
    fields.get(name).and_then(Value::as_u64).ok_or_else(|| error(name))
}

fn mixed(fields: &Fields) -> Result<u64, LcelError> {
    Ok(number(fields, "a")? ^ number(fields, "b")? ^ number(fields, "c")?)
}

pub fn three_branches(case: Case) -> Case {
    let map = RunnableParallel::new().with("a", adds()).with("b", triples()).with("c", mixes());
    numbers(case, map.pipe(RunnableLambda::new_sync_fallible(|fields| mixed(&fields))))
}

pub fn twelve_branches(case: Case) -> Case {
    const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let map = NAMES.iter().fold(RunnableParallel::new(), |map, name| map.with(name, mixes()));
    let sum = |fields: Fields| NAMES.iter().map(|name| number(&fields, name)).sum();
    numbers(case, map.pipe(RunnableLambda::new_sync_fallible(sum)))
}

pub fn waiting_branches(case: Case) -> Case {
    let map = RunnableParallel::new().with("a", waits()).with("b", waits()).with("c", waits());
    numbers(case, map.pipe(RunnableLambda::new_sync_fallible(|fields| mixed(&fields))))
}

/// Its parallel step copies the input for each branch.
pub fn long_branches(case: Case) -> Case {
    let map = RunnableParallel::new()
        .with("long", RunnableLambda::new_sync(|text: String| length::function(&text)))
        .with("wide", RunnableLambda::new_sync(|text: String| spaces::function(&text)))
        .with("byte", RunnableLambda::new_sync(|text: String| first::function(&text)));
    let sum = |fields: Fields| Ok(number(&fields, "long")? + number(&fields, "wide")? + number(&fields, "byte")?);
    let chain = kept(map.pipe(RunnableLambda::new_sync_fallible(sum)));
    let text = kept(long_text());
    case.by(WHO, move || chain.invoke(black_box(text).clone(), None))
}

pub fn nested(case: Case) -> Case {
    let map = RunnableParallel::new().with("a", adds().pipe(mixes())).with("b", triples().pipe(mixes()));
    let both = |fields: Fields| Ok(number(&fields, "a")? ^ number(&fields, "b")?);
    numbers(case, adds().pipe(map).pipe(RunnableLambda::new_sync_fallible(both)).pipe(mixes()))
}

/// It has no step over a list; its batch does the same.
pub fn over_a_list(case: Case) -> Case {
    let step = kept(waits());
    case.by(WHO, || step.batch(black_box((0..100).collect()), None))
}

pub fn two_arms(case: Case) -> Case {
    numbers(case, RunnableBranch::new(mixes()).when_fn(|n: &u64| n.is_multiple_of(2), triples()))
}

pub fn eight_arms(case: Case) -> Case {
    let branch = RunnableBranch::new(triples().pipe(mixes()))
        .when_fn(|n: &u64| *n == 0, adds())
        .when_fn(|n: &u64| *n == 1, triples())
        .when_fn(|n: &u64| *n == 2, mixes())
        .when_fn(|n: &u64| *n == 3, adds().pipe(triples()))
        .when_fn(|n: &u64| *n == 4, triples().pipe(adds()))
        .when_fn(|n: &u64| *n == 5, mixes().pipe(adds()))
        .when_fn(|n: &u64| *n == 6, mixes().pipe(triples()));
    numbers(case, branch)
}

cannot!("names are of its runs, not of its steps": named);
cannot!("it has no timeouts for steps": timeout);

fn twice() -> RetryConfig {
    RetryConfig::new(2).with_initial_delay(Duration::ZERO).with_retry_on(RetryOn::AllErrors)
}

pub fn unused_retry(case: Case) -> Case {
    numbers(case, mixes().with_retry(twice()).expect("a delay of zero is allowed"))
}

/// It sleeps between attempts, for zero seconds, too: tokio's timer wakes it a millisecond later.
pub fn used_retry(case: Case) -> Case {
    let chain = kept(refuses().with_retry(twice()).expect("a delay of zero is allowed"));
    case.by(WHO, || async { chain.invoke(black_box(7), None).await.is_err() })
}

pub fn unused_fallback(case: Case) -> Case {
    numbers(case, mixes().with_fallbacks(vec![adds()]))
}

pub fn used_fallback(case: Case) -> Case {
    numbers(case, refuses().with_fallbacks(vec![adds()]))
}

fn limited(limit: usize) -> Option<RunnableConfig> {
    Some(RunnableConfig { max_concurrency: Some(limit), ..RunnableConfig::new() })
}

/// All inputs go through one step before any goes through the next.
pub fn batch(case: Case, inputs: u64, limit: usize) -> Case {
    let chain = kept(adds().pipe(waits()).pipe(triples()));
    case.by(WHO, move || async move {
        let results = chain.batch((0..black_box(inputs)).collect(), limited(limit)).await;
        results.unwrap_or_default().into_iter().fold(0, u64::wrapping_add)
    })
}

/// It gives no results before it has all of them.
pub fn long_batch(case: Case, inputs: u64, limit: usize) -> Case {
    let chain = kept(adds().pipe(waits()).pipe(triples()));
    case.by(WHO, move || async move {
        let results = chain.batch_as_completed((0..black_box(inputs)).collect(), limited(limit)).await;
        results.unwrap_or_default().into_iter().map(|(_, n)| n).fold(0, u64::wrapping_add)
    })
}

/// The first step of a stream.
struct Source;

#[async_trait]
impl Runnable<u64, String> for Source {
    type Error = LcelError;

    async fn invoke(&self, chunks: u64, _: Option<RunnableConfig>) -> Result<String, LcelError> {
        source::function(chunks).map_err(error).try_collect().await
    }

    async fn stream(
        &self,
        chunks: u64,
        _: Option<RunnableConfig>,
    ) -> Result<Pin<Box<dyn Stream<Item = Result<String, LcelError>> + Send>>, LcelError> {
        Ok(source::function(chunks).map_err(error).boxed())
    }
}

/// Each step gets each chunk.
fn streamed(case: Case, chunks: u64, steps: usize) -> Case {
    let pass = || RunnableLambda::new_sync(black_box::<String>);
    let chain = kept((0..steps).fold(Source.into_sequence(), |chain, _| chain.pipe(pass())));
    case.by(WHO, move || async move {
        match chain.stream(black_box(chunks), None).await {
            Ok(chunks) => drain(chunks).await,
            Err(_) => 0,
        }
    })
}

pub fn stream_of_one(case: Case, chunks: u64) -> Case {
    streamed(case, chunks, 1)
}

pub fn stream_of_three(case: Case, chunks: u64) -> Case {
    streamed(case, chunks, 3)
}

pub fn stream_of_ten(case: Case, chunks: u64) -> Case {
    streamed(case, chunks, 10)
}

cannot!("its parallel step streams one chunk, when all is there": stream_of_a_map(u64));
cannot!("its steps do not tell the callbacks of a run that they start and end": observed);
