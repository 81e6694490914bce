//! Many inputs: order, failures in place, the first error, laziness, limits, settings for each.

use catena::{CancellationToken, Config, ErrorKind, Progress, prelude::*};
use catena_tests::{Log, Scripted, ms, secs};
use futures_util::{StreamExt, stream};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

/// Takes as many milliseconds as its input says, and fails at 40.
#[runnable]
async fn nap(millis: u64) -> catena::Result<u64> {
    tokio::time::sleep(ms(millis)).await;
    if millis == 40 { Err(catena::Error::msg("forty")) } else { Ok(millis) }
}

#[tokio::test(start_paused = true)]
async fn results_are_in_the_order_of_the_inputs_with_failures_in_place() {
    let results = nap.batch([120, 40, 80]).await;
    let results: Vec<_> = results.iter().map(|result| result.as_ref().map_err(ToString::to_string)).collect();
    assert_eq!(results, [Ok(&120), Err("nap[1]: forty".to_owned()), Ok(&80)]);
    assert!(nap.batch(Vec::new()).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_first_error_in_time_stops_the_rest() {
    let log = Log::new();
    let seen: &'static Log = Box::leak(Box::new(log.clone()));
    let step = chain!(u64 => move |millis| {
        let call = seen.begin();
        tokio::time::sleep(ms(millis)).await;
        call.finish();
        if millis < 50 { Err(catena::Error::msg(format!("{millis}")))? } else { millis }
    });
    let error = step.try_batch([100, 45, 40]).await.unwrap_err();
    assert_eq!((error.message(), error.path().starts_with("[2]")), ("40", true));
    assert_eq!((log.running(), log.stopped()), (0, 2));
    assert_eq!(step.try_batch([60, 50]).await.unwrap(), [60, 50]);
}

#[tokio::test(start_paused = true)]
async fn as_completed_gives_them_as_they_come() {
    let order = |limit: usize| async move {
        let results = nap.batch_as_completed([120, 40, 80]).max_concurrency(limit);
        results.map(|(index, result)| (index, result.is_ok())).collect::<Vec<_>>().await
    };
    assert_eq!(order(3).await, [(1, false), (2, true), (0, true)]);
    assert_eq!(order(1).await, [(0, true), (1, false), (2, true)]);
}

#[tokio::test]
async fn a_million_inputs_are_pulled_as_others_are_done() {
    let pulled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&pulled);
    let inputs = (0..1_000_000u64).inspect(move |_| {
        count.fetch_add(1, SeqCst);
    });
    let double = chain!(u64 => |n| n * 2);
    let mut done = 0;
    let mut results = double.batch_as_completed(inputs);
    while let Some((_, result)) = results.next().await {
        result.unwrap();
        done += 1;
        let ahead = pulled.load(SeqCst) - done;
        assert!(ahead <= 64, "{ahead} inputs were pulled ahead");
    }
    assert_eq!(done, 1_000_000);
    let from_a_stream: Vec<_> = double.batch_stream(stream::iter(0..10)).collect().await;
    assert_eq!(from_a_stream.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_stops_stops_the_batch() {
    let source = Scripted::says(["a"]).after(secs(1));
    let mut results = source.batch_as_completed(vec![(); 100]).max_concurrency(4);
    assert!(results.next().await.is_some());
    drop(results);
    assert_eq!(source.log().running(), 0);
    assert!(source.log().calls() <= 8);
}

#[tokio::test]
async fn each_input_may_have_settings_of_its_own() {
    #[runnable]
    fn who(n: u32, cx: &Context) -> String {
        format!("{n}:{}", cx.tags().join(","))
    }
    let results = who
        .batch([1, 2])
        .config(Config::new().tag("all"))
        .config_each(|index, n| Config::new().tag(format!("{index}/{n}")))
        .await;
    let results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(results, ["1:all,0/1", "2:all,1/2"]);
}

#[tokio::test(start_paused = true)]
async fn only_what_failed_is_tried_again() {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let flaky = chain!(&'static str => move |name| {
        let mut calls = seen.lock().unwrap();
        calls.push(name);
        let before = calls.iter().filter(|call| **call == name).count();
        let failures = match name { "b" => 1, "d" => 9, _ => 0 };
        if before <= failures { Err(catena::Error::msg(format!("{name}#{before}")))? } else { format!("{name}@{before}") }
    });
    let results = flaky.retry(Retry::attempts(3).jitter(false)).batch(["a", "b", "c", "d"]).await;
    let results: Vec<_> = results.iter().map(|r| r.as_deref().map_err(catena::Error::message)).collect();
    assert_eq!(results, [Ok("a@1"), Ok("b@2"), Ok("c@1"), Err("d#3")]);
    assert_eq!(calls.lock().unwrap().len(), 1 + 2 + 1 + 3);
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_each_time_one_is_done() {
    let mut last = None;
    nap.batch([10, 40, 20]).on_progress(|progress| last = Some(progress)).await;
    let Progress { done, failed, total, .. } = last.unwrap();
    assert_eq!((done, failed, total), (3, 1, Some(3)));
}

#[tokio::test]
async fn with_a_limit_of_zero_everything_is_refused() {
    assert_eq!(nap.try_batch([1]).max_concurrency(0).await.unwrap_err().kind(), &ErrorKind::BadInput);
    let results = nap.batch([1, 2]).max_concurrency(0).await;
    assert!(results.iter().all(|result| result.as_ref().unwrap_err().kind() == &ErrorKind::BadInput));
    let config = || Config::new().max_concurrency(0);
    let map = nap.map();
    assert_eq!(map.invoke_with(vec![1], config()).await.unwrap_err().kind(), &ErrorKind::BadInput);
    let parallel = chain!(u64 => <a: nap, b: nap>);
    assert_eq!(parallel.invoke_with(1, config()).await.unwrap_err().kind(), &ErrorKind::BadInput);
}

#[tokio::test(start_paused = true)]
#[allow(clippy::many_single_char_names)]
async fn one_limit_holds_for_all_that_is_nested_and_is_reached() {
    let source = Scripted::says(["x"]).after(ms(100));
    let six = || source.clone();
    let peak = |log: Log| log.peak();
    let inputs = || vec![String::new(); 6];
    let two = || Config::new().max_concurrency(2);
    macro_rules! peak_of {
        ($chain:expr, $run:expr) => {{
            let source = Scripted::says(["x"]).after(ms(100));
            #[allow(clippy::redundant_closure_call)]
            let chain = $chain(source.clone());
            #[allow(clippy::redundant_closure_call)]
            $run(&chain).await;
            peak(source.log())
        }};
    }
    let _ = six();
    assert_eq!(peak_of!(|s: Scripted| s, async |s: &Scripted| drop(s.batch(inputs()).max_concurrency(2).await)), 2);
    assert_eq!(peak_of!(|s: Scripted| s, async |s: &Scripted| drop(s.batch(inputs()).await)), 6);
    let branches = |s: Scripted| {
        let (a, b, c, d, e, f) = (s.clone(), s.clone(), s.clone(), s.clone(), s.clone(), s);
        chain!(String => <a: a, b: b, c: c, d: d, e: e, f: f> | |_| ()).boxed::<String>()
    };
    let invoke = async |s: &catena::BoxRunnable<String, ()>| s.invoke_with(String::new(), two()).await.unwrap();
    assert_eq!(peak_of!(branches, invoke), 2);
    let stream = async |s: &catena::BoxRunnable<String, ()>| {
        drop(s.events(String::new()).with(two()).collect::<Vec<_>>().await);
    };
    assert_eq!(peak_of!(branches, stream), 2);
    let nested = async |s: &catena::BoxRunnable<String, ()>| drop(s.batch(inputs()).max_concurrency(2).await);
    assert_eq!(peak_of!(branches, nested), 2);
    let three = async |s: &catena::BoxRunnable<String, ()>| drop(s.batch(inputs()).max_concurrency(3).await);
    assert_eq!(peak_of!(branches, three), 3);
    let mapped = |s: Scripted| s.map();
    assert_eq!(
        peak_of!(mapped, async |s: &catena::Map<Scripted>| drop(s.invoke_with(inputs(), two()).await.unwrap())),
        2
    );
    // A smaller limit further in holds there; a larger one changes nothing.
    let smaller = |s: Scripted| s.map().with_config(Config::new().max_concurrency(1)).boxed::<Vec<String>>();
    let run =
        async |s: &catena::BoxRunnable<Vec<String>, Vec<String>>| drop(s.invoke_with(inputs(), two()).await.unwrap());
    assert_eq!(peak_of!(smaller, run), 1);
    let larger = |s: Scripted| s.map().with_config(Config::new().max_concurrency(5)).boxed::<Vec<String>>();
    assert_eq!(peak_of!(larger, run), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_forever_however_it_is_nested() {
    for limit in 1..=4 {
        let source = Scripted::says(["x"]).after(ms(10));
        let (a, b, c) = (source.clone(), source.clone(), source.clone());
        let inner = chain!(String => <a: a, b: b> | |_| String::new());
        let list = chain!(String => |_| vec![String::new(); 5]);
        let chain = chain!(String => <left: list | inner.map(), right: c> | |_| ());
        let work = chain.batch(vec![String::new(); 7]).max_concurrency(limit);
        let results = tokio::time::timeout(secs(100), work).await.expect("no deadlock");
        assert!(results.iter().all(Result::is_ok));
        assert_eq!(source.log().calls(), 7 * 11);
        assert_eq!(source.log().peak(), limit);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_batch_keeps_what_was_done() {
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        tokio::time::sleep(ms(50)).await;
        stop.cancel();
    });
    let results = nap.batch([10, 20, 100, 200, 30]).max_concurrency(3).config(Config::new().cancel(token)).await;
    let results: Vec<_> = results.iter().map(|result| result.as_ref().map_err(|error| error.kind().name())).collect();
    assert_eq!(results, [Ok(&10), Ok(&20), Err("cancelled"), Err("cancelled"), Ok(&30)]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_one_deadline() {
    let config = Config::new().deadline(ms(50));
    let results = nap.batch([30, 30, 30]).max_concurrency(1).config(config).await;
    let kinds: Vec<_> = results.iter().map(|result| result.as_ref().map_err(|error| error.kind().name())).collect();
    assert_eq!(kinds, [Ok(&30), Err("deadline"), Err("deadline")]);
}
