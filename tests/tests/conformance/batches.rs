//! Batches: g18, g20; the waits of a retry: g36.

use catena::{Error, Result, Retry, prelude::*};
use catena_tests::{Scripted, ms, recording};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

#[tokio::test(start_paused = true)]
async fn g20_as_completed() {
    let g20 = recording("g20_batch_as_completed");
    #[runnable]
    async fn nap(x: u64) -> Result<u64> {
        tokio::time::sleep(ms(2 * x)).await;
        if x == 40 { Err(Error::msg("forty")) } else { Ok(x) }
    }
    let outcome = |(index, result): (usize, Result<u64>)| match result {
        Ok(output) => json!([index, output]),
        Err(error) => json!([index, { "$exc": "ValueError", "msg": error.message() }]),
    };
    let all: Vec<Value> = nap.batch_as_completed([120, 40, 80]).map(outcome).collect().await;
    assert_eq!(json!(all), g20["abatch_as_completed(True)"][0]);
    let one: Vec<Value> = nap.batch_as_completed([120, 40, 80]).max_concurrency(1).map(outcome).collect().await;
    assert_eq!(json!(one), g20["max_concurrency=1"][0]);
}

#[tokio::test(start_paused = true)]
async fn g18_retry_for_each_element() {
    let g18 = recording("g18_batch_return_exceptions_retry");
    for (name, case) in g18["cases"].as_object().unwrap() {
        let Some(plan) = case.get("plan_failures_before_success") else { continue };
        if case["return_exceptions"] == json!(false) {
            continue;
        }
        let plan: HashMap<String, usize> = serde_json::from_value(plan.clone()).unwrap();
        let calls: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let seen = Arc::clone(&calls);
        let step = chain!(String => move |x| {
            let mut calls = seen.lock().unwrap();
            let call = calls.entry(x.clone()).or_default();
            *call += 1;
            if *call <= plan.get(&x).copied().unwrap_or(0) { Err(Error::msg(format!("{x}#{call}")))? }
            format!("{x}:ok@{call}")
        });
        let attempts = u32::try_from(case["stop_after_attempt"].as_u64().unwrap()).unwrap();
        let inputs: Vec<String> = serde_json::from_value(case["inputs"].clone()).unwrap();
        let results = step.retry(Retry::attempts(attempts).base(ms(0)).jitter(false)).batch(inputs).await;
        let ours: Vec<Value> = results
            .iter()
            .map(|result| match result {
                Ok(output) => json!(output),
                Err(error) => json!({ "$exc": "ValueError", "msg": error.message() }),
            })
            .collect();
        let theirs = if name.starts_with("QUIRK/BUG") {
            // Upstream gives the result of another element; the element's own error is meant.
            json!(["a:ok@2", { "$exc": "ValueError", "msg": "b#2" }])
        } else {
            case["result"]["ok"].clone()
        };
        assert_eq!(json!(ours), theirs, "{name}");
        assert_eq!(json!(*calls.lock().unwrap()), case["calls_per_item"], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn g36_waits() {
    let g36 = recording("g36_retry_policy");
    let seconds = |value: &Value| Duration::from_secs_f64(value.as_f64().unwrap());
    // The defaults are others: said here as upstream has them.
    let policy = |attempts| Retry::attempts(attempts).base(ms(1000)).jitter(false).max_delay(Duration::from_hours(1));
    for (name, policy) in [
        ("defaults, jitter=0 -> waits", policy(3)),
        ("6 attempts jitter=0: 1,2,4,8,16", policy(6)),
        ("max clamps", policy(6).max_delay(ms(5000))),
        ("initial/exp_base", policy(5).base(ms(500)).factor(3.0)),
        ("exhausted -> LAST exception re-raised (not RetryError)", policy(3).base(ms(0))),
        ("stop_after_attempt=1", policy(1)),
    ] {
        let case = &g36["cases"][name];
        let fails = case["fails"].as_u64().unwrap();
        let mut step = Scripted::default();
        for number in 1..=fails {
            step = step.then_fails(Error::msg(format!("m{number}")));
        }
        let step = step.then_says(["ok"]);
        let log = step.log();
        let result = step.retry(policy).invoke(1).await;
        let times = log.times();
        let waits: Vec<Duration> = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        let theirs: Vec<Duration> = case["waits_s"].as_array().unwrap().iter().map(seconds).collect();
        assert_eq!((json!(log.calls()), waits), (case["calls"].clone(), theirs), "{name}");
        match result {
            Ok(output) => assert_eq!(json!(output), case["result"]["ok"]),
            Err(error) => assert_eq!(json!(error.message()), case["result"]["err"]["msg"]),
        }
    }
}
