//! Steps that have finished are not run again.

use crate::work::{Counts, Folder};
use catena::{Config, Context, Error, ErrorKind, Result, Retry, prelude::*, runnable};
use catena_durable::{ConfigExt, DurableExt, Journal, JournalError, OnChange, RunState, pause};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

fn under(journal: &Journal, run: &str) -> Config {
    Config::new().durable(journal.run(run))
}

/// A step that fails until its gate is open.
#[derive(Clone, Default)]
struct Gate(Arc<AtomicBool>);

impl Gate {
    fn open(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[runnable]
impl Runnable<u32> for Gate {
    type Output = u32;

    async fn call(&self, input: u32, _cx: &Context) -> Result<u32> {
        if self.0.load(Ordering::Relaxed) { Ok(input) } else { Err(Error::msg("the gate is closed")) }
    }
}

#[tokio::test]
async fn a_sequence_goes_on_after_the_step_that_finished_last() {
    let (folder, counts, gate) = (Folder::new(), Counts::default(), Gate::default());
    let chain = chain!(u32 =>
        counts.step("a").durable("a/1") | counts.step("b").durable("b/1") | gate.clone() | counts.step("c").durable("c/1"));
    let journal = folder.journal().await;
    assert!(chain.invoke_with(1, under(&journal, "x")).await.unwrap_err().to_string().contains("closed"));
    gate.open();
    // In another journal of the same file, as another process would.
    drop(journal);
    let journal = folder.journal().await;
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 4);
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 4);
    assert_eq!((counts.of("a(1)"), counts.of("b(2)"), counts.of("c(3)")), (1, 1, 1));
    // Another run has records of its own, and without a journal there are none.
    chain.invoke_with(1, under(&journal, "y")).await.unwrap();
    chain.invoke(1).await.unwrap();
    assert_eq!(counts.all(), 9);
}

#[tokio::test]
async fn maps_lists_and_arms_go_on_where_they_were() {
    let (folder, counts, gate) = (Folder::new(), Counts::default(), Gate::default());
    let chain = chain!(u32 =>
        <left: counts.step("left").durable("left/1"), right: counts.step("right").durable("right/1")>
        | |pair| vec![pair.left, pair.right, pair.left + 5]
        | counts.step("each").durable("each/1").map()
        | |list| list.iter().sum::<u32>()
        | match { 0 => counts.step("none").durable("none/1"), _ => counts.step("some").durable("some/1") }
        | gate.clone());
    let journal = folder.journal().await;
    chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
    let before = counts.all();
    assert_eq!(before, 2 + 3 + 1);
    gate.open();
    // 2, 2 and 7, each one more, and one more.
    assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 15);
    assert_eq!(counts.all(), before);
    let keys: Vec<String> = journal.inspect("x").await.unwrap().steps.into_iter().map(|step| step.key).collect();
    for key in ["left/1", "right/1", "[0].each/1", "[1].each/1", "[2].each/1", "some/1"] {
        assert!(keys.iter().any(|kept| kept == key), "{key} in {keys:?}");
    }
}

#[tokio::test]
async fn lists_in_lists_batches_and_scopes_have_keys_of_their_own() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let nested = chain!(Vec<Vec<u32>> => counts.step("in").durable("in/1").map().map());
    let list = vec![vec![1, 1], vec![1]];
    for _ in 0..2 {
        assert_eq!(nested.invoke_with(list.clone(), under(&journal, "n")).await.unwrap(), [vec![2, 2], vec![2]]);
        // Under a limit, and with observers, the items have contexts of other kinds.
        let config = under(&journal, "n").max_concurrency(1).observe(catena::Latency::new());
        nested.invoke_with(list.clone(), config).await.unwrap();
    }
    assert_eq!(counts.of("in(1)"), 3);
    let single = chain!(u32 => counts.step("b").durable("b/1"));
    for limit in [1, 10] {
        let outputs = single.batch([5, 5, 6]).config(under(&journal, "b")).max_concurrency(limit).await;
        assert_eq!(outputs.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [6, 6, 7]);
    }
    assert_eq!((counts.of("b(5)"), counts.of("b(6)")), (2, 1));
    let state = async |run: &str| journal.inspect(run).await.unwrap().info.state;
    assert_eq!(state("b").await, RunState::Completed);
    assert_eq!(single.try_batch([5, 6]).config(under(&journal, "t")).await.unwrap(), [6, 7]);
    assert_eq!(state("t").await, RunState::Completed);
    let results: Vec<_> = single.batch_as_completed([5, 6]).config(under(&journal, "c")).collect().await;
    assert_eq!((results.len(), state("c").await), (2, RunState::Completed));
    // One that fails and one that waits: it can go on after the answer.
    let waits = chain!(u32 => match { 0 => pause::<u32>("zero"), 1 => |_| Err(Error::msg("one"))?, n => |n| n });
    let results = waits.batch([1, 0, 2]).config(under(&journal, "w")).await;
    assert_eq!((results[2].as_ref().ok(), state("w").await), (Some(&2), RunState::Paused));
    assert!(waits.try_batch([2, 1]).config(under(&journal, "f")).await.is_err());
    assert_eq!(state("f").await, RunState::Failed);
    // What cannot begin is the error of all items.
    journal.cancel("f").await.unwrap();
    let results = waits.batch([2, 2]).config(under(&journal, "f")).await;
    assert!(results.iter().all(|result| *result.as_ref().unwrap_err().kind() == ErrorKind::Cancelled));
    assert_eq!(waits.batch_as_completed([2, 2]).config(under(&journal, "f")).collect::<Vec<_>>().await.len(), 2);
    let part = || chain!(u32 => counts.step("p").durable("p/1"));
    let twice = chain!(u32 => <one: part().scoped("one"), two: part().scoped("two")> | |both| both.one + both.two);
    for _ in 0..2 {
        assert_eq!(twice.invoke_with(1, under(&journal, "s")).await.unwrap(), 4);
    }
    assert_eq!(counts.of("p(1)"), 2);
}

/// A step that fails at its first calls.
struct Flaky {
    calls: AtomicU32,
    failures: u32,
}

#[runnable]
impl Runnable<u32> for Flaky {
    type Output = u32;

    async fn call(&self, input: u32, _cx: &Context) -> Result<u32> {
        match self.calls.fetch_add(1, Ordering::Relaxed) {
            call if call < self.failures => Err(Error::msg("not yet")),
            call => Ok(input + call),
        }
    }
}

#[tokio::test]
async fn of_retries_the_outcome_is_kept_wherever_they_stand() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let flaky = || Flaky { calls: AtomicU32::new(0), failures: 2 };
    let retry = || Retry::attempts(3).base(Duration::ZERO);
    let inside = chain!(u32 => flaky().retry(retry()).durable("inside/1"));
    let outside = chain!(u32 => flaky().durable("outside/1").retry(retry()));
    for _ in 0..2 {
        assert_eq!(inside.invoke_with(1, under(&journal, "i")).await.unwrap(), 3);
        assert_eq!(outside.invoke_with(1, under(&journal, "o")).await.unwrap(), 3);
    }
    assert_eq!(journal.inspect("o").await.unwrap().steps.len(), 1);
}

#[tokio::test]
async fn fallbacks_nested_and_boxed_chains_go_on() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let never = Flaky { calls: AtomicU32::new(0), failures: u32::MAX };
    let inner = chain!(u32 => counts.step("deep").durable("deep/1")).boxed();
    let chain = chain!(u32 => never.durable("first/1").fallback(counts.step("second").durable("second/1")) | inner);
    for _ in 0..2 {
        assert_eq!(chain.invoke_with(1, under(&journal, "x")).await.unwrap(), 3);
    }
    assert_eq!((counts.of("second(1)"), counts.of("deep(2)")), (1, 1));
}

/// A step that refuses its input, which it would again.
struct Refuse(Counts);

#[runnable]
impl Runnable<u32> for Refuse {
    type Output = u32;

    async fn call(&self, _input: u32, _cx: &Context) -> Result<u32> {
        self.0.add("refuse");
        Err(Error::new(ErrorKind::BadInput, "not such a number"))
    }
}

#[tokio::test]
async fn an_error_that_would_be_the_same_again_is_kept() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let chain = chain!(u32 => Refuse(counts.clone()).durable("refuse/1").named("refused"));
    let mut texts = Vec::new();
    for _ in 0..2 {
        let error = chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        texts.push(error.to_string());
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!(counts.of("refuse"), 1);
    assert!(journal.inspect("x").await.unwrap().steps[0].failed);
}

#[tokio::test]
async fn another_input_is_an_error_with_both_hashes_or_runs_again() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let chain = chain!(u32 => counts.step("a").durable("a/1"));
    chain.invoke_with(1, under(&journal, "x")).await.unwrap();
    let error = chain.invoke_with(2, under(&journal, "x")).await.unwrap_err();
    let Some(JournalError::InputChanged { key, kept, given }) = error.downcast_ref() else { panic!("{error}") };
    assert!(key == "a/1" && kept != given && error.to_string().contains(kept) && error.to_string().contains(given));
    let again = Config::new().durable(journal.run("x").on_change(OnChange::Rerun));
    assert_eq!(chain.invoke_with(2, again).await.unwrap(), 3);
    assert_eq!(chain.invoke_with(2, under(&journal, "x")).await.unwrap(), 3);
    assert_eq!(counts.all(), 2);
    let own = chain!(u32 => counts.step("o").durable("o/1").on_change(OnChange::Rerun));
    for input in [1, 2, 2] {
        own.invoke_with(input, under(&journal, "own")).await.unwrap();
    }
    assert_eq!(counts.all(), 4);
}

#[tokio::test]
async fn two_steps_of_one_name_are_an_error_before_anything_runs() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let part = || chain!(u32 => counts.step("a").durable("same/1"));
    let chain = chain!(u32 => counts.step("before") | part() | part().boxed());
    let error = chain.invoke_with(1, under(&journal, "x")).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(JournalError::Duplicate { name }) if name == "same/1"), "{error}");
    assert_eq!(counts.all(), 0);
    // Without a journal it is as it was.
    assert_eq!(chain.invoke(1).await.unwrap(), 4);
}

/// A map whose order differs from process to process, and from map to map.
#[derive(Serialize, Deserialize)]
struct Words(std::collections::HashMap<String, u32>);

#[runnable]
async fn longest(words: Words) -> Option<String> {
    words.0.into_iter().max_by_key(|(word, count)| (*count, word.clone())).map(|(word, _)| word)
}

#[tokio::test]
async fn the_order_of_a_hash_map_is_no_other_input() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let chain = chain!(Words => longest.durable("longest/1"));
    for _ in 0..20 {
        let words = Words((0..50).map(|n| (format!("word {n}"), n)).collect());
        assert_eq!(chain.invoke_with(words, under(&journal, "x")).await.unwrap().as_deref(), Some("word 49"));
    }
}

/// A step that calls another twice.
struct Twice<S>(S);

#[runnable]
impl<S: Runnable<u32, Output = u32>> Runnable<u32> for Twice<S> {
    type Output = (u32, u32);

    async fn call(&self, input: u32, cx: &Context) -> Result<(u32, u32)> {
        futures_util::future::try_join(self.0.call(input, cx), self.0.call(input + 1, cx)).await
    }
}

#[tokio::test]
async fn two_calls_of_one_key_at_once_are_an_error() {
    let (folder, counts) = (Folder::new(), Counts::default());
    let journal = folder.journal().await;
    let error = Twice(counts.step("a").durable("a/1")).invoke_with(1, under(&journal, "x")).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(JournalError::Concurrent { key }) if key == "a/1"), "{error}");
}

#[tokio::test]
async fn an_output_that_cannot_be_read_again_is_an_error_when_it_is_kept() {
    #[runnable]
    async fn divide(n: f64) -> f64 {
        1.0 / n
    }

    let folder = Folder::new();
    let journal = folder.journal().await;
    let chain = chain!(f64 => divide.durable("divide/1"));
    assert_eq!(chain.invoke_with(4.0, under(&journal, "x")).await.unwrap().to_bits(), 0.25_f64.to_bits());
    let error = chain.invoke_with(0.0, under(&journal, "y")).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(JournalError::Unwritable { .. })), "{error}");
}
