//! Steps that say which step runs next: recording g34.

use catena::{BoxRunnable, Config, ErrorKind, prelude::*};
use catena_tests::recording;
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// How often a step was called, which it finds in the run's context.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicU64>);

impl Calls {
    fn config(&self) -> Config {
        Config::new().with(self.clone())
    }

    fn seen(&self) -> Value {
        json!(self.0.load(Ordering::Relaxed))
    }
}

fn count(cx: &Context) {
    cx.get::<Calls>().expect("the runs of these tests count").0.fetch_add(1, Ordering::Relaxed);
}

#[runnable]
fn down(n: &i64, cx: &Context) -> BoxRunnable<i64, i64> {
    count(cx);
    match n {
        0 => chain!(i64 => |n| n).boxed(),
        _ => chain!(i64 => |n| n - 1 | down.then_run()).boxed(),
    }
}

#[runnable]
fn forever(_n: &i64, cx: &Context) -> BoxRunnable<i64, i64> {
    count(cx);
    forever.then_run().boxed()
}

#[tokio::test]
async fn g34_the_limit_counts_as_langchains() {
    let recorded = recording("g34_recursion_limit");
    let cases = &recorded["cases"];
    let calls = Calls::default();
    assert_eq!(json!(down.then_run().invoke_with(5, calls.config()).await.unwrap()), cases["down(5)"]["result"]["ok"]);
    assert_eq!(calls.seen(), cases["down(5)"]["calls"]);
    for (case, limit) in
        [("forever default limit 25", None), ("forever limit=3", Some(3)), ("forever limit=0", Some(0))]
    {
        let calls = Calls::default();
        let config = limit.into_iter().fold(calls.config(), Config::recursion_limit);
        let error = forever.then_run().invoke_with(1, config).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Recursion { limit: limit.unwrap_or(25) }, "{case}");
        assert_eq!(cases[case]["result"]["err"]["$exc"], "RecursionError");
        assert_eq!(calls.seen(), cases[case]["calls"], "{case}");
    }
    let calls = Calls::default();
    let error = down.then_run().invoke_with(5, calls.config().recursion_limit(3)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 3 });
    assert_eq!(calls.seen(), cases["down(5) limit=3"]["calls"]);
}

#[tokio::test]
async fn g34_streams_have_the_same_limit() {
    let recorded = recording("g34_recursion_limit");
    let case = &recorded["cases"]["stream forever limit=2"];
    let calls = Calls::default();
    let chain = forever.then_run().with_config(calls.config().recursion_limit(2));
    let chunks: Vec<_> = chain.stream(1).collect().await;
    assert_eq!(case["result"][0], json!([]), "no chunk before the error");
    assert_eq!(chunks.len(), 1);
    assert_eq!(chunks[0].as_ref().unwrap_err().kind(), &ErrorKind::Recursion { limit: 2 });
    assert_eq!(calls.seen(), case["calls"]);
}

#[tokio::test]
async fn the_chosen_step_gets_the_same_input_in_the_midst_of_a_chain() {
    #[runnable]
    fn choose(text: &str) -> catena::Result<BoxRunnable<String, usize>> {
        match text {
            "" => Err(catena::Error::msg("there is nothing to choose by")),
            _ if text.contains(' ') => Ok(chain!(String => |text| text.split(' ').count()).boxed()),
            _ => Ok(chain!(String => |text| text.len()).boxed()),
        }
    }
    let chain = chain!(String => |text| text.trim().to_owned() | choose.then_run() | |n| n * 100);
    assert_eq!(chain.invoke(" to be or not ".to_owned()).await.unwrap(), 400);
    assert_eq!(chain.invoke("tobe".to_owned()).await.unwrap(), 400);
    assert_eq!(chain.invoke("abc".to_owned()).await.unwrap(), 300);
    let error = chain.invoke(String::new()).await.unwrap_err();
    assert!(error.to_string().ends_with("there is nothing to choose by"), "{error}");
    let chunks: Vec<usize> = chain.stream("a b".to_owned()).try_collect().await.unwrap();
    assert_eq!(chunks, [200]);
}
