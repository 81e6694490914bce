//! How many run at once under `max_concurrency`: g21.

use catena::{Config, prelude::*};
use catena_tests::{Cases, Log, Scripted, ms};
use futures_util::StreamExt;
use serde_json::json;

/// A step that takes its time, and how many of it run at once.
fn gauge() -> (Scripted, Log) {
    let step = Scripted::says(["x"]).after(ms(100));
    let log = step.log();
    (step, log)
}

fn limit(most: usize) -> Config {
    Config::new().max_concurrency(most)
}

#[tokio::test(start_paused = true)]
async fn g21_max_concurrency() {
    let mut g21 = Cases::of("g21_max_concurrency", "/peak_concurrency");
    // Here, all is async: what the recording does in threads and what it does in tasks is one.
    for (cases, config) in
        [(["batch mc=2", "abatch mc=2"], limit(2)), (["batch mc=None", "abatch mc=None"], Config::new())]
    {
        let (step, log) = gauge();
        step.batch(0..6).config(config).await;
        for case in cases {
            g21.same(case, &json!(log.peak()));
        }
    }
    let (step, log) = gauge();
    step.batch_as_completed(0..6).max_concurrency(2).collect::<Vec<_>>().await;
    g21.same("batch_as_completed mc=2", &json!(log.peak()));
    let (step, log) = gauge();
    chain!(i64 => step.clone() | step).batch(0..6).config(limit(2)).await;
    g21.same("(r|r).batch mc=2", &json!(log.peak()));
    let (step, log) = gauge();
    step.map().invoke_with((0..6).collect(), limit(2)).await.unwrap();
    g21.same("map().invoke mc=2", &json!(log.peak()));
    let (step, log) = gauge();
    let s = || step.clone();
    chain!(i64 => <k0: s(), k1: s(), k2: s(), k3: s(), k4: s(), k5: s()>).invoke_with(1, limit(2)).await.unwrap();
    g21.same("parallel(6).invoke mc=2", &json!(log.peak()));
    g21.differs("parallel(6).ainvoke mc=2 (NOT limited)", "`max_concurrency`", &json!(log.peak()), &json!(2));
    let (step, log) = gauge();
    let s = || step.clone();
    chain!(i64 => <k0: s(), k1: s(), k2: s()>).batch(1..=4).config(limit(2)).await;
    for case in [
        "parallel(3).batch(4) mc=2 (each item opens its own pool: 2*2)",
        "parallel(3).abatch(4) mc=2 (2 items * 3 branches)",
    ] {
        g21.differs(case, "`max_concurrency`", &json!(log.peak()), &json!(2));
    }
}
