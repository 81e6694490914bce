//! Batches: g18, g20; the waits of a retry: g36.

use super::python::{Raised, exception, outcome};
use catena::{Error, ErrorKind, Result, Retry, prelude::*};
use catena_tests::{Cases, Scripted, ms};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

#[runnable]
async fn nap(x: u64) -> Result<u64, Raised> {
    tokio::time::sleep(ms(2 * x)).await;
    if x == 40 { Err(Raised("ValueError", "forty".into())) } else { Ok(x) }
}

fn value(result: &Result<impl serde::Serialize>) -> Value {
    result.as_ref().map_or_else(exception, |output| json!(output))
}

/// The results as they come; where errors are not values, up to the first of them.
async fn as_completed(results: impl Stream<Item = (usize, Result<u64>)>, errors_are_values: bool) -> Value {
    let mut results = std::pin::pin!(results);
    let mut all = Vec::new();
    while let Some((index, result)) = results.next().await {
        match result {
            Err(error) if !errors_are_values => return json!([all, exception(&error)]),
            result => all.push(json!([index, value(&result)])),
        }
    }
    json!([all, null])
}

#[tokio::test(start_paused = true)]
async fn g20_as_completed() {
    let mut g20 = Cases::of("g20_batch_as_completed", "");
    let inputs: Vec<u64> = serde_json::from_value(g20.take("inputs (delay = 2 ms * value)")).unwrap();
    let run = || nap.batch_as_completed(inputs.clone());
    for case in ["batch_as_completed(return_exceptions=True)", "abatch_as_completed(True)"] {
        g20.same(case, &as_completed(run(), true).await);
    }
    for case in [
        "batch_as_completed(return_exceptions=False) raises when the failing one completes",
        "abatch_as_completed(False)",
    ] {
        g20.same(case, &as_completed(run(), false).await);
    }
    g20.same("max_concurrency=1", &as_completed(run().max_concurrency(1), true).await);
    g20.same("empty", &as_completed(nap.batch_as_completed([]), true).await);
    let results = nap.batch(inputs.clone()).await;
    g20.same("batch (input order)", &results.iter().map(value).collect());
}

/// Those cases in which elements fail so many times before they succeed.
async fn planned(case: &Value) -> (Value, Value) {
    let plan: HashMap<String, usize> = serde_json::from_value(case["plan_failures_before_success"].clone()).unwrap();
    let calls: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
    let seen = Arc::clone(&calls);
    let step = chain!(String => move |x| {
        let mut calls = seen.lock().unwrap();
        let call = calls.entry(x.clone()).or_default();
        *call += 1;
        if *call <= plan.get(&x).copied().unwrap_or(0) { Err(Raised("ValueError", format!("{x}#{call}")))? }
        format!("{x}:ok@{call}")
    });
    let step = step.retry(at_once(&case["stop_after_attempt"]));
    let inputs: Vec<String> = serde_json::from_value(case["inputs"].clone()).unwrap();
    let result = if case["return_exceptions"] == json!(false) {
        outcome(step.try_batch(inputs).await)
    } else {
        json!({ "ok": step.batch(inputs).await.iter().map(value).collect::<Value>() })
    };
    let calls = json!(*calls.lock().unwrap());
    (result, calls)
}

fn at_once(attempts: &Value) -> Retry {
    Retry::attempts(u32::try_from(attempts.as_u64().unwrap()).unwrap()).base(ms(0)).jitter(false)
}

/// Those in which 1 and 2 fail with different errors, of which one is worth another try.
async fn by_error(case: &Value) -> Value {
    let step = chain!(i64 => |x| match x {
        1 => Err(Raised("ValueError", "x is 1".into()))?,
        2 => Err(Raised("RuntimeError", "x is 2".into()))?,
        x => x,
    });
    let policy = at_once(&case["stop_after_attempt"]);
    let worth = |error: &Error| matches!(error.downcast_ref(), Some(Raised("ValueError", _)));
    let inputs: Vec<i64> = serde_json::from_value(case["inputs"].clone()).unwrap();
    let results = step.retry(policy.when(worth)).batch(inputs.clone()).await;
    for (input, result) in inputs.iter().zip(&results) {
        let attempts = result.as_ref().map_or_else(Error::attempts, |_| 1);
        assert_eq!(attempts, if *input == 1 { 2 } else { 1 }, "{input}");
    }
    json!({ "ok": results.iter().map(value).collect::<Value>() })
}

#[tokio::test(start_paused = true)]
async fn g18_retry_for_each_element() {
    const ROW: &str = "retry in a batch";
    let mut g18 = Cases::of("g18_batch_return_exceptions_retry", "/cases");
    let fails =
        |x: i64| json!({ "$exc": if x == 1 { "ValueError" } else { "RuntimeError" }, "msg": format!("x is {x}") });
    for name in g18.names() {
        let case = g18.take(&name);
        if case.get("retry_if").is_some() {
            let inputs: Vec<i64> = serde_json::from_value(case["inputs"].clone()).unwrap();
            let expected: Vec<Value> = inputs.iter().map(|x| if *x == 0 { json!(0) } else { fails(*x) }).collect();
            assert_eq!(by_error(&case).await, json!({ "ok": expected }), "{name}");
            g18.told(ROW);
            continue;
        }
        let (result, calls) = planned(&case).await;
        if name.starts_with("QUIRK/BUG") {
            // Upstream gives the result of another element; the element's own error is meant.
            assert_eq!(result, json!({ "ok": ["a:ok@2", { "$exc": "ValueError", "msg": "b#2" }] }));
            g18.told(ROW);
        } else {
            assert_eq!(result, case["result"], "{name}");
        }
        // Where the first error ends all, it does so before the others are tried again.
        if case["return_exceptions"] != json!(false) {
            assert_eq!(calls, case["calls_per_item"], "{name}");
        }
    }
}

/// How often it ran, how long it waited, and how it ended.
async fn retried(errors: impl Fn(u64) -> Error, fails: u64, policy: Retry) -> Value {
    let mut step = Scripted::default();
    for number in 1..=fails {
        step = step.then_fails(errors(number));
    }
    let step = step.then_says(["ok"]);
    let log = step.log();
    let result = match step.retry(policy).invoke(1).await {
        Ok(output) => json!({ "ok": output }),
        Err(error) => json!({ "err": error.message() }),
    };
    let waits: Vec<f64> = log.times().windows(2).map(|pair| pair[1].saturating_sub(pair[0]).as_secs_f64()).collect();
    json!({ "calls": log.calls(), "waits_s": waits, "result": result })
}

/// The policy that the recording's arguments stand for. The defaults are others: said here as upstream has them.
fn policy(arguments: &Value) -> Retry {
    let jitter = &arguments["exponential_jitter_params"];
    let number = |name: &str, default: f64| jitter[name].as_f64().unwrap_or(default);
    let attempts = arguments["stop_after_attempt"].as_u64().unwrap_or(3);
    let base = if arguments["wait_exponential_jitter"] == json!(false) { 0.0 } else { number("initial", 1.0) };
    Retry::attempts(u32::try_from(attempts).unwrap())
        .base(Duration::from_secs_f64(base))
        .factor(number("exp_base", 2.0))
        .max_delay(Duration::from_secs_f64(number("max", 3600.0)))
        .jitter(false)
}

#[tokio::test(start_paused = true)]
async fn g36_waits() {
    let mut g36 = Cases::of("g36_retry_policy", "/cases");
    for case in ["unknown kwarg stop_after_delay", "unknown kwarg max_attempt_number"] {
        g36.refused(case, "unknown keys of a configuration", "runnable/unknown_option");
    }
    // What the default waits are, and what chance adds.
    let failing = |number: u64| Error::msg(format!("m{number}"));
    let ours = retried(failing, 99, Retry::attempts(10).jitter(false)).await;
    let defaults = json!([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]);
    assert_eq!(ours["waits_s"], defaults);
    g36.take("default jitter: first wait within [1,2)");
    for _ in 0..50 {
        let ours = retried(failing, 1, Retry::attempts(2)).await;
        // Timers tick in milliseconds.
        assert!((0.2..=0.401).contains(&ours["waits_s"][0].as_f64().unwrap()), "{ours}");
    }
    g36.told("default waits of a retry");
    for name in g36.names() {
        let case = g36.take(&name);
        let policy = policy(&case["kwargs"]);
        let (kind, policy) = match name.as_str() {
            // What Python chooses by the class of an error is a predicate here.
            "type not matched -> 1 call" => (ErrorKind::Step, policy.when(|_| false)),
            "subclass matches" => (ErrorKind::Step, policy.when(|_| true)),
            "predicate" => (ErrorKind::Step, policy.when(|error| error.message().contains("m1"))),
            // Who stops a program does not want it to go on.
            "KeyboardInterrupt not retried by default" => (ErrorKind::Cancelled, policy),
            _ => (ErrorKind::Step, policy),
        };
        let errors = |number: u64| Error::new(kind.clone(), format!("m{number}"));
        let ours = retried(errors, case["fails"].as_u64().unwrap(), policy).await;
        let result = match &case["result"]["err"] {
            Value::Null => case["result"].clone(),
            error => json!({ "err": error["msg"].as_str().unwrap().trim_matches('\'') }),
        };
        let theirs = json!({ "calls": case["calls"], "waits_s": case["waits_s"], "result": result });
        assert_eq!(ours, theirs, "{name}");
    }
}
