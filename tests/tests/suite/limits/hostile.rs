//! Settings and files that mean harm: ceilings, linear time, and no panic for any number.

use catena::{Config, Context, ErrorKind, Keys, Manifest, Retry, prelude::*};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use std::{
    future::IntoFuture,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

#[runnable]
fn echo(text: String) -> String {
    text
}

#[runnable]
async fn again(n: u32) -> u32 {
    n
}

fn keys() -> Keys {
    Keys::default()
}

#[tokio::test]
async fn a_client_cannot_set_a_recursion_limit_that_ends_the_process() {
    for limit in [json!(101), json!(u32::MAX)] {
        let error = Config::from_json(&json!({ "recursion_limit": limit }), &keys()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains("100 at most"), "{error}");
    }
    for wrong in [json!(-1), json!(1e300), json!(u64::MAX), json!("many")] {
        Config::from_json(&json!({ "recursion_limit": wrong }), &keys()).unwrap_err();
    }
    let config = Config::from_json(&json!({ "recursion_limit": 100 }), &keys()).unwrap();
    assert_eq!(again.boxed().invoke_with(1, config).await.unwrap(), 1);
}

#[runnable]
fn count_tags((): (), cx: &Context) -> usize {
    cx.tags().len()
}

#[tokio::test]
async fn a_configuration_of_many_tags_takes_linear_time() {
    let tags: Vec<String> = (0..100_000).map(|n| format!("tag-{n}")).collect();
    let doubled: Vec<&String> = tags.iter().chain(&tags).collect();
    let start = Instant::now();
    let config = Config::from_json(&json!({ "tags": doubled }), &keys()).unwrap();
    // Under a configuration that has as many.
    let inner = tags.iter().fold(Config::new(), |config, tag| config.tag(tag.clone()));
    assert_eq!(count_tags.with_config(inner).invoke_with((), config).await.unwrap(), 100_000);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

/// A manifest with steps nested this deep: each is a name around the next.
fn nested(depth: usize) -> Manifest {
    let mut json = chain!(String => echo | echo).manifest().json();
    let frame = json.clone();
    for n in 0..depth {
        let name = format!("n{n}");
        json = json!({
            "lc": 1, "type": "constructor", "id": ["langchain", "schema", "runnable", "RunnableBinding"], "name": name,
            "kwargs": { "bound": json }, "catena": { "kind": "named", "name": name, "output": "String" },
        });
    }
    json["catena"]["title"] = frame["catena"]["title"].clone();
    json["catena"]["input"] = frame["catena"]["input"].clone();
    Manifest::from_json(&json).unwrap()
}

#[test]
fn a_manifest_of_a_thousand_nested_steps_is_read_back() {
    // More stack than a test has: reading the nested form, which only this test makes, takes it.
    let work = || {
        for depth in [1, 15, 16, 17, 40, 1000] {
            let manifest = nested(depth);
            let text = serde_json::to_string(&manifest).unwrap();
            let read: Manifest = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{depth}: {error}"));
            assert_eq!(read.json(), manifest.json(), "{depth}");
            assert!(manifest.difference(&read).is_empty());
        }
    };
    std::thread::Builder::new().stack_size(256 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn parts_of_a_manifest_that_contain_themselves_are_refused() {
    let part = |at: usize| json!({ "lc": 1, "id": [], "catena": { "kind": "part", "part": at } });
    let retry =
        |inner: Value| json!({ "lc": 1, "id": [], "kwargs": { "bound": inner }, "catena": { "kind": "retry" } });
    let root = |inner: Value, parts: Value| {
        let mut json = retry(inner);
        json["catena"]["parts"] = parts;
        json
    };
    for json in [
        root(part(0), json!([])),
        root(part(7), json!([retry(part(0))])),
        root(part(0), json!([retry(part(0))])),
        root(part(0), json!([retry(part(1)), retry(part(0))])),
        root(part(0), json!([part(1), part(1)])),
    ] {
        let error = Manifest::from_json(&json).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput, "{json}");
    }
}

#[test]
fn a_manifest_of_many_parts_is_compared_in_time() {
    let leaf = |n: usize| json!({ "lc": 1, "id": [], "name": n.to_string(), "catena": { "kind": "function", "name": n.to_string() } });
    let race = |from: usize| {
        let rivals: Vec<Value> = (from..from + 5000).map(leaf).collect();
        let json = json!({ "lc": 1, "id": [], "kwargs": { "rivals": rivals }, "catena": { "kind": "race" } });
        Manifest::from_json(&json).unwrap()
    };
    let start = Instant::now();
    assert!(!race(0).difference(&race(2500)).is_empty());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

const TIMES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_secs(1),
    Duration::from_hours(600 * 365 * 24),
    Duration::from_secs(u64::MAX / 2),
    Duration::MAX,
];
const COUNTS: [usize; 4] = [0, 1, u32::MAX as usize, usize::MAX];
const FLOATS: [f64; 9] =
    [0.0, -0.0, -1.0, f64::MIN_POSITIVE, f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

/// Runs it: an error is fine, a panic is not, and neither is a run without an end.
async fn survives<T>(what: &str, run: impl Future<Output = T>) {
    let run = tokio::time::timeout(Duration::from_hours(1), AssertUnwindSafe(run).catch_unwind());
    let ended = run.await.is_ok_and(|outcome| {
        assert!(outcome.is_ok(), "{what} panicked");
        true
    });
    assert!(ended, "{what} does not end");
}

#[tokio::test(start_paused = true)]
async fn no_time_is_too_long_or_too_short() {
    #[runnable]
    async fn wait(n: u32) -> u32 {
        tokio::time::sleep(Duration::from_millis(n.into())).await;
        n
    }
    #[runnable]
    fn fail(_: u32) -> catena::Result<u32> {
        Err(catena::Error::new(ErrorKind::Unavailable { retry_after: None }, "down"))
    }
    for time in TIMES {
        survives(&format!("timeout {time:?}"), wait.timeout(time).invoke(1)).await;
        survives(&format!("timeout of a stream {time:?}"), wait.timeout(time).stream(1).collect::<Vec<_>>()).await;
        survives(&format!("deadline {time:?}"), wait.invoke_with(1, Config::new().deadline(time))).await;
        let nested = wait.with_config(Config::new().deadline(time));
        survives(&format!("nested deadlines {time:?}"), nested.invoke_with(1, Config::new().deadline(Duration::MAX)))
            .await;
        let json = json!({ "deadline": time.as_secs_f64() });
        if let Ok(config) = Config::from_json(&json, &keys()) {
            survives(&format!("deadline {json}"), wait.invoke_with(1, config)).await;
        }
        let retry = Retry::attempts(2).base(time).max_delay(Duration::from_secs(1)).total_delay(time);
        survives(&format!("retry {time:?}"), fail.retry(retry).invoke(1)).await;
        let drawing =
            |factor| Retry::attempts(3).base(Duration::from_nanos(1)).factor(factor).max_delay(Duration::from_secs(2));
        for factor in FLOATS {
            let retried = fail.retry(drawing(factor));
            survives(&format!("factor {factor}"), retried.invoke(1)).await;
            let written = retried.manifest().json().to_string();
            assert!(!written.contains(r#""exp_base":null"#), "factor {factor}: {written}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_cannot_make_a_retry_wait_for_years() {
    #[runnable]
    fn busy(seconds: u64) -> catena::Result<u64> {
        let retry_after = Some(Duration::from_secs(seconds));
        Err(catena::Error::new(ErrorKind::RateLimited { retry_after }, "slow down"))
    }
    let start = tokio::time::Instant::now();
    for policy in [Retry::attempts(3), Retry::attempts(3).max_delay(Duration::MAX)] {
        let error = busy.retry(policy).invoke(99_999_999).await.unwrap_err();
        assert_eq!((error.attempts(), start.elapsed()), (1, Duration::ZERO));
        assert!(error.to_string().contains("max_retry_after"), "{error}");
    }
    // Up to the ceiling, and above it on purpose, it is waited for as asked.
    busy.retry(2).invoke(600).await.unwrap_err();
    assert!(start.elapsed() >= Duration::from_mins(10));
    let error = busy.retry(Retry::attempts(2).max_retry_after(Duration::MAX)).invoke(99_999_999).await.unwrap_err();
    assert_eq!(error.attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_count_is_too_large_or_too_small() {
    for count in COUNTS {
        let config = || Config::new().max_concurrency(count);
        survives(&format!("concurrency {count}"), again.invoke_with(1, config())).await;
        survives(&format!("map {count}"), again.map().concurrency(count).invoke(vec![1, 2, 3])).await;
        survives(&format!("batch {count}"), again.batch(vec![1, 2, 3]).max_concurrency(count).into_future()).await;
        survives(&format!("stream {count}"), again.map().stream_with(vec![1, 2, 3], config()).collect::<Vec<_>>())
            .await;
        survives(&format!("events {count}"), again.events(1).capacity(count).collect::<Vec<_>>()).await;
        let limit = u32::try_from(count).unwrap_or(u32::MAX);
        survives(&format!("recursion {count}"), again.boxed().invoke_with(1, Config::new().recursion_limit(limit)))
            .await;
        survives(&format!("attempts {count}"), again.retry(Retry::attempts(limit)).invoke(1)).await;
    }
}
