//! A step chosen by a key of the input: recording g24.

use catena::{ErrorKind, Router, prelude::*};
use catena_tests::recording;
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;

#[derive(Clone, Debug, Record)]
struct Ask {
    key: &'static str,
    input: i64,
}

/// Each of these keys, with an input for its step.
fn asks<const N: usize>(asks: [(&'static str, i64); N]) -> [Ask; N] {
    asks.map(|(key, input)| Ask { key, input })
}

fn router() -> Router<i64, i64> {
    Router::new([("add", chain!(i64 => |n| n + 1).boxed()), ("sq", chain!(i64 => |n| n * n).boxed())])
}

#[tokio::test]
async fn g24_the_key_chooses() {
    let recorded = recording("g24_router");
    let router = router();
    for (case, key) in [("invoke add 3", "add"), ("invoke sq 3", "sq")] {
        let got = router.invoke(record! { key: key, input: 3 }).await.unwrap();
        assert_eq!(json!(got), recorded[case]["ok"], "{case}");
    }
    let chunks: Vec<_> = router.stream(record! { key: "sq", input: 4 }).map(Result::unwrap).collect().await;
    assert_eq!(json!(chunks), recorded["stream"][0]);
    let batch = router.try_batch(asks([("add", 1), ("sq", 5)])).await.unwrap();
    assert_eq!(json!(batch), recorded["batch"]["ok"]);
    let batch = router.try_batch(asks([("sq", 2), ("add", 2)])).await.unwrap();
    assert_eq!(json!(batch), recorded["abatch"]["ok"]);
}

#[tokio::test]
async fn g24_an_unknown_key_is_named_with_those_there_are() {
    assert_eq!(recording("g24_router")["unknown"]["err"]["msg"], "No runnable associated with key 'no'");
    let router = router();
    let error = router.invoke(record! { key: "no", input: 3 }).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert_eq!(error.message(), "there is no route `no`: there are `add`, `sq`");
    let error = router.invoke(record! { key: "ad", input: 3 }).await.unwrap_err();
    assert_eq!(error.message(), "there is no route `ad`: did you mean `add`?");
    let error = router.stream(record! { key: "no", input: 3 }).try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
}

#[tokio::test]
async fn g24_in_a_batch_only_the_item_with_the_unknown_key_fails() {
    // Differs: langchain-core refuses the whole batch, even where errors are to be returned item by item.
    let recorded = recording("g24_router");
    let case = "batch with unknown key fails the WHOLE batch up front even with return_exceptions";
    assert!(recorded[case]["err"].is_object());
    let results = router().batch(asks([("add", 1), ("no", 5)])).await;
    assert_eq!(results[0].as_ref().unwrap(), &2);
    assert_eq!(results[1].as_ref().unwrap_err().kind(), &ErrorKind::BadInput);
}

#[tokio::test]
async fn a_router_stands_in_a_chain() {
    let chain = chain!({ key: String, n: i64 } => <key: .key, input: .n> | router() | |n| n * 10);
    assert_eq!(chain.invoke(record! { key: "sq".to_owned(), n: 3 }).await.unwrap(), 90);
}

#[tokio::test]
async fn a_router_without_routes_says_so() {
    let none = Router::<i64, i64>::new::<&str>([]);
    let error = none.invoke(record! { key: "add", input: 1 }).await.unwrap_err();
    assert_eq!(error.message(), "there is no route `add`: there are none");
}
