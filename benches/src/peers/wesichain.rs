//! `wesichain-core`: it has no step of a function, so there is one here, in the way its docs write steps. A sequence is a type, its
//! futures are in boxes.

use super::{cannot, list, question};
use crate::{
    case::{Case, kept},
    steps::{add, first, length, long_text, mix, model, parse, prompt, refuse, spaces, triple, wait},
};
use async_trait::async_trait;
use futures_util::{
    StreamExt, TryFutureExt,
    stream::{self, BoxStream},
};
use std::{
    collections::BTreeMap, fmt::Display, future::ready, hint::black_box, marker::PhantomData, sync::Arc, time::Duration,
};
use wesichain_core::{
    CallbackHandler, CallbackManager, RunContext, RunType, Runnable, RunnableExt, RunnableParallel, StreamEvent,
    TracedRunnable, Value, WesichainError,
};

const WHO: &str = list::WESICHAIN.who;

fn error(error: impl Display) -> WesichainError {
    WesichainError::Custom(error.to_string())
}

/// A step of a function.
struct Step<F, I> {
    function: F,
    input: PhantomData<fn(I)>,
}

fn step<F, I>(function: F) -> Step<F, I> {
    Step { function, input: PhantomData }
}

#[async_trait]
impl<I, O, F, Fut> Runnable<I, O> for Step<F, I>
where
    I: Send + 'static,
    O: Display + Send + 'static,
    F: Fn(I) -> Fut + Send + Sync,
    Fut: Future<Output = Result<O, WesichainError>> + Send,
{
    async fn invoke(&self, input: I) -> Result<O, WesichainError> {
        (self.function)(input).await
    }

    fn stream<'a>(&'a self, input: I) -> BoxStream<'a, Result<StreamEvent, WesichainError>> {
        let answer = async move { self.invoke(input).await.map(|output| StreamEvent::FinalAnswer(output.to_string())) };
        stream::once(answer).boxed()
    }
}

trait Numbers: Runnable<u64, u64> + 'static {}
impl<R: Runnable<u64, u64> + 'static> Numbers for R {}

fn adds() -> impl Numbers {
    step(|n| ready(Ok(add::function(n))))
}

fn triples() -> impl Numbers {
    step(|n| ready(Ok(triple::function(n))))
}

fn mixes() -> impl Numbers {
    step(|n| mix::function(n).map_err(error))
}

fn waits() -> impl Numbers {
    step(|n| wait::function(n).map_err(error))
}

fn refuses() -> impl Numbers {
    step(|n| refuse::function(n).map_err(error))
}

fn numbers(case: Case, chain: impl Numbers) -> Case {
    let chain = kept(chain);
    case.by(WHO, || chain.invoke(black_box(7)))
}

pub fn one_step(case: Case) -> Case {
    numbers(case, mixes())
}

pub fn three_steps(case: Case) -> Case {
    numbers(case, adds().then(triples()).then(mixes()))
}

pub fn ten_steps(case: Case) -> Case {
    let four = || adds().then(triples()).then(adds()).then(triples());
    numbers(case, four().then(four()).then(adds()).then(mixes()))
}

/// A box after each ten: the compiler takes long for a type of a hundred.
pub fn hundred_steps(case: Case) -> Case {
    let ten = || -> Box<dyn Runnable<u64, u64>> {
        let two = || mixes().then(adds());
        Box::new(two().then(two()).then(two()).then(two()).then(two()))
    };
    let chain = (1..10).fold(ten(), |chain, _| Box::new(chain.then(ten())));
    numbers(case, chain)
}

pub fn three_waits(case: Case) -> Case {
    numbers(case, waits().then(waits()).then(waits()))
}

pub fn texts(case: Case) -> Case {
    let chain = step(|question| ready(Ok(prompt::function(question))))
        .then(step(|text| model::function(text).map_err(error)))
        .then(step(|answer| ready(parse::function(answer).map_err(error))));
    let chain = kept(chain);
    case.by(WHO, || chain.invoke(question()))
}

pub fn boxed_steps(case: Case) -> Case {
    let chain: Box<dyn Runnable<u64, u64>> = Box::new(adds().then(triples()).then(mixes()));
    numbers(case, chain)
}

type Branch<I> = Arc<dyn Runnable<I, u64> + Send + Sync>;

fn map<I>(branches: impl IntoIterator<Item = (&'static str, Branch<I>)>) -> RunnableParallel<I, u64> {
    RunnableParallel::new(branches.into_iter().map(|(name, step)| (name.to_owned(), step)).collect())
}

type Fields = BTreeMap<String, u64>;

pub fn three_branches(case: Case) -> Case {
    let map = map([("a", Arc::new(adds()) as Branch<u64>), ("b", Arc::new(triples())), ("c", Arc::new(mixes()))]);
    numbers(case, map.then(step(|r: Fields| ready(Ok(r["a"] ^ r["b"] ^ r["c"])))))
}

pub fn twelve_branches(case: Case) -> Case {
    const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let map = map(NAMES.map(|name| (name, Arc::new(mixes()) as Branch<u64>)));
    numbers(case, map.then(step(|r: Fields| ready(Ok(NAMES.iter().map(|name| r[*name]).sum())))))
}

pub fn waiting_branches(case: Case) -> Case {
    let map = map(["a", "b", "c"].map(|name| (name, Arc::new(waits()) as Branch<u64>)));
    numbers(case, map.then(step(|r: Fields| ready(Ok(r["a"] ^ r["b"] ^ r["c"])))))
}

/// Its parallel step copies the input for each branch.
pub fn long_branches(case: Case) -> Case {
    let map = map([
        ("long", Arc::new(step(|text: String| ready(Ok(length::function(&text) as u64)))) as Branch<String>),
        ("wide", Arc::new(step(|text: String| ready(Ok(spaces::function(&text) as u64))))),
        ("byte", Arc::new(step(|text: String| ready(Ok(u64::from(first::function(&text))))))),
    ]);
    let chain = kept(map.then(step(|r: Fields| ready(Ok(r["long"] + r["wide"] + r["byte"])))));
    let text = kept(long_text());
    case.by(WHO, move || chain.invoke(black_box(text).clone()))
}

pub fn nested(case: Case) -> Case {
    let map = map([("a", Arc::new(adds().then(mixes())) as Branch<u64>), ("b", Arc::new(triples().then(mixes())))]);
    numbers(case, adds().then(map).then(step(|r: Fields| ready(Ok(r["a"] ^ r["b"])))).then(mixes()))
}

/// It has no step over a list; its batch does the same.
pub fn over_a_list(case: Case) -> Case {
    let chain = kept(waits());
    case.by(WHO, || async {
        let results = chain.batch(black_box((0..100).collect())).await;
        results.into_iter().collect::<Result<Vec<u64>, WesichainError>>()
    })
}

cannot!("it has no branches": two_arms, eight_arms);
cannot!("it has no names for steps": named);
cannot!("it waits for at least 100 ms before it tries again, and that cannot be set": used_retry);

pub fn unused_retry(case: Case) -> Case {
    numbers(case, RunnableExt::<u64, u64>::with_retries(mixes(), 3))
}

pub fn unused_fallback(case: Case) -> Case {
    numbers(case, mixes().with_fallbacks(vec![Arc::new(adds())]))
}

pub fn used_fallback(case: Case) -> Case {
    numbers(case, refuses().with_fallbacks(vec![Arc::new(adds())]))
}

pub fn timeout(case: Case) -> Case {
    numbers(case, RunnableExt::<u64, u64>::with_timeout(mixes(), Duration::from_secs(5)))
}

cannot!("its batch starts all at once: it has no limit": batch(u64, usize), long_batch(u64, usize));
cannot!(
    "the last step of a sequence alone streams, steps before it give all at once":
    stream_of_one(u64), stream_of_three(u64), stream_of_ten(u64),
);
cannot!("its streams are of events with text, not of a step's own chunks": stream_of_a_map(u64));

struct Nothing;

#[async_trait]
impl CallbackHandler for Nothing {
    async fn on_start(&self, _: &RunContext, inputs: &Value) {
        black_box(inputs);
    }

    async fn on_end(&self, _: &RunContext, outputs: &Value, _: u128) {
        black_box(outputs);
    }

    async fn on_error(&self, _: &RunContext, error: &Value, _: u128) {
        black_box(error);
    }
}

/// A callback that does nothing but gets the values as JSON, around each step and the sequence.
pub fn observed(case: Case) -> Case {
    fn traced(name: &str, step: impl Numbers) -> impl Numbers {
        let manager = CallbackManager::new(vec![Arc::new(Nothing)]);
        let run = RunContext::root(RunType::Chain, "chain".to_owned(), Vec::new(), BTreeMap::new());
        TracedRunnable::new(step, manager, run, RunType::Runnable, name.to_owned())
    }
    let steps = traced("add", adds()).then(traced("triple", triples())).then(traced("mix", mixes()));
    numbers(case, traced("chain", steps))
}
