//! The path of an error has every step on the way, also those that a step calls by itself, and says which of several.

use catena::{BoxRunnable, Config, Error, Listeners, Router, lazy, prelude::*};
use futures_util::{FutureExt, StreamExt, future::BoxFuture};

#[runnable]
fn sync_bad(n: u32) -> catena::Result<u32> {
    if n == 7 { Ok(n) } else { Err(Error::msg("no")) }
}

#[runnable]
async fn bad(n: u32) -> catena::Result<u32> {
    tokio::task::yield_now().await;
    sync_bad::function(n)
}

#[runnable]
fn parses(text: &str) -> std::result::Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[runnable(blocking)]
fn blocks(n: u32) -> catena::Result<u32> {
    sync_bad::function(n)
}

struct Hand;

#[runnable]
impl Runnable<u32> for Hand {
    type Output = u32;
    async fn call(&self, n: u32, _cx: &Context) -> catena::Result<u32> {
        sync_bad::function(n)
    }
}

#[runnable]
fn inc(n: u32) -> u32 {
    n + 1
}

fn chained() -> BoxRunnable<u32, u32> {
    chain!(u32 => inc | bad).boxed()
}

fn single() -> BoxRunnable<u32, u32> {
    bad.boxed()
}

#[runnable]
fn chooses(_n: &u32) -> BoxRunnable<u32, u32> {
    bad.boxed()
}

/// A step that calls others by itself.
struct Calls<F>(F);

impl<F> Calls<F>
where
    F: Send + Sync + for<'a> Fn(u32, &'a Context) -> BoxFuture<'a, catena::Result<u32>>,
{
    async fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        let observed = || Config::new().listen(Listeners::new().on_start(|_| {}));
        paths.push(self.invoke(1).await.unwrap_err().path());
        paths.push(self.invoke_with(1, Config::new().tag("t")).await.unwrap_err().path());
        paths.push(self.invoke_with(1, observed()).await.unwrap_err().path());
        paths.push(self.stream(1).next().await.unwrap().unwrap_err().path());
        paths.push(self.stream_with(1, observed()).next().await.unwrap().unwrap_err().path());
        paths.push(self.batch([1]).await.remove(0).unwrap_err().path().replacen("calls[0]", "calls", 1));
        let chain = chain!(u32 => inc | self | inc);
        paths.push(chain.invoke(0).await.unwrap_err().path());
        paths.push(chain.invoke_with(0, observed()).await.unwrap_err().path());
        paths.push(chain.stream(0).next().await.unwrap().unwrap_err().path());
        paths.push(chain.stream_with(0, observed()).next().await.unwrap().unwrap_err().path());
        paths.dedup();
        paths
    }
}

#[runnable(name = "calls")]
impl<F> Runnable<u32> for Calls<F>
where
    F: Send + Sync + for<'a> Fn(u32, &'a Context) -> BoxFuture<'a, catena::Result<u32>>,
{
    type Output = u32;
    async fn call(&self, n: u32, cx: &Context) -> catena::Result<u32> {
        (self.0)(n, cx).await
    }
}

fn calls<F>(call: F) -> Calls<F>
where
    F: Send + Sync + for<'a> Fn(u32, &'a Context) -> BoxFuture<'a, catena::Result<u32>>,
{
    Calls(call)
}

macro_rules! path_of_calls {
    (|$n:ident, $cx:ident| $call:expr) => {
        calls(|$n: u32, $cx: &Context| {
            let ($n, $cx) = ($n, $cx.clone());
            async move {
                let $cx = &$cx;
                $call
            }
            .boxed()
        })
        .paths()
        .await
    };
}

#[tokio::test]
async fn a_step_that_is_called_by_a_step_is_in_the_path() {
    assert_eq!(path_of_calls!(|n, cx| sync_bad.call(n, cx).await), ["calls.sync_bad"]);
    assert_eq!(path_of_calls!(|n, cx| bad.call(n, cx).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| bad.call_ref(&n, cx).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| parses.call(format!("{n}x"), cx).await), ["calls.parses"]);
    assert_eq!(path_of_calls!(|n, cx| blocks.call(n, cx).await), ["calls.blocks"]);
    assert_eq!(path_of_calls!(|n, cx| Hand.call(n, cx).await), ["calls.Hand"]);
    assert_eq!(path_of_calls!(|n, _cx| bad.invoke(n).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, _cx| bad.invoke_with(n, Config::new().run_name("run")).await), ["calls.run"]);
    assert_eq!(path_of_calls!(|n, cx| bad.named("mine").call(n, cx).await), ["calls.mine"]);
    assert_eq!(path_of_calls!(|n, cx| bad.retry(1).call(n, cx).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| bad.fallback(sync_bad).call(n, cx).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| bad.spawned().call(n, cx).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| bad.boxed().call(n, cx).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| bad.timeout(std::time::Duration::from_secs(9)).call(n, cx).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| Ok(bad.map().call(vec![n], cx).await?[0])), ["calls.bad[0]"]);
    assert_eq!(path_of_calls!(|n, cx| Ok(bad.try_batch([n]).within(cx).await?[0])), ["calls.bad[0]"]);
    assert_eq!(
        path_of_calls!(|n, cx| bad.batch_as_completed([n]).within(cx).next().await.unwrap().1),
        ["calls.bad[0]"]
    );
}

#[tokio::test]
async fn a_stream_that_a_step_reads_is_in_the_path() {
    assert_eq!(path_of_calls!(|n, cx| bad.call_stream(n, cx).next().await.unwrap()), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| Hand.call_stream(n, cx).next().await.unwrap()), ["calls.Hand"]);
    let step = chain!(u32 => inc | bad);
    assert_eq!(step.call_stream(1, &Context::new()).next().await.unwrap().unwrap_err().path(), "bad");
    assert_eq!(path_of_calls!(|n, cx| chained().call_stream(n, cx).next().await.unwrap()), ["calls.bad"]);
    assert_eq!(
        path_of_calls!(|n, cx| chain!(u32 => bad | inc).call_stream(n, cx).next().await.unwrap()),
        ["calls.bad"]
    );
}

#[tokio::test]
async fn steps_that_make_or_choose_others_have_them_in_the_path() {
    assert_eq!(path_of_calls!(|n, cx| chained().call(n, cx).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| lazy(single).call(n, cx).await), ["calls.bad"]);
    assert_eq!(path_of_calls!(|n, cx| chooses.then_run().call(n, cx).await), ["calls.bad"]);
    for config in [Config::new(), Config::new().listen(Listeners::new().on_start(|_| {}))] {
        let of = |chain: BoxRunnable<u32, u32>| {
            let config = config.clone();
            async move { chain.invoke_with(1, config).await.unwrap_err().path() }
        };
        assert_eq!(of(chain!(u32 => inc | lazy(single)).boxed()).await, "lazy.bad");
        assert_eq!(of(chain!(u32 => inc | lazy(chained)).boxed()).await, "lazy.bad");
        assert_eq!(of(chooses.then_run().boxed()).await, "chooses.bad");
        let router = || Router::new([("one", bad.boxed()), ("bad", bad.boxed()), ("two", chained())]);
        let route = |key: &'static str| chain!(u32 => move |n| record! { key: key, input: n } | router()).boxed();
        assert_eq!(of(route("one")).await, "router.one.bad");
        assert_eq!(of(route("bad")).await, "router.bad");
        assert_eq!(of(route("two")).await, "router.two.bad");
    }
}

#[tokio::test]
async fn each_of_the_steps_that_call_each_other_is_in_the_path() {
    #[runnable]
    async fn down(n: u32, cx: &Context) -> catena::Result<u32> {
        if n == 0 {
            return Err(Error::msg("the end"));
        }
        let call: BoxFuture<'_, _> = Box::pin(down.call(n - 1, cx));
        call.await
    }
    assert_eq!(down.invoke(2).await.unwrap_err().path(), "down.down.down");
    let observed = Config::new().listen(Listeners::new().on_start(|_| {}));
    assert_eq!(down.invoke_with(2, observed).await.unwrap_err().path(), "down.down.down");

    #[runnable]
    async fn recovers(n: u32, cx: &Context) -> catena::Result<u32> {
        Ok(bad.call(n, cx).await.unwrap_or_default())
    }
    assert_eq!(chain!(u32 => recovers | sync_bad).invoke(1).await.unwrap_err().path(), "sync_bad");
}

#[runnable]
fn on_two(n: u32) -> catena::Result<u32> {
    if n == 2 { Err(Error::msg("two")) } else { Ok(n + 1) }
}

#[tokio::test]
async fn a_step_used_twice_in_a_sequence_is_told_apart() {
    let chain = chain!(u32 => on_two | inc | on_two | on_two);
    let alone = chain!(u32 => inc | on_two | inc);
    let observed = || Config::new().listen(Listeners::new().on_start(|_| {}));
    for (n, path) in [(2, "on_two"), (0, "on_two#2")] {
        assert_eq!(chain.invoke(n).await.unwrap_err().path(), path);
        assert_eq!(chain.invoke_with(n, observed()).await.unwrap_err().path(), path);
        assert_eq!(chain.stream(n).next().await.unwrap().unwrap_err().path(), path);
        assert_eq!(chain.stream_with(n, observed()).next().await.unwrap().unwrap_err().path(), path);
        assert_eq!(chain.call_ref(&n, &Context::new()).await.unwrap_err().path(), path);
        assert_eq!(chain.clone().boxed().named("all").invoke(n).await.unwrap_err().path(), format!("all.{path}"));
    }
    assert_eq!(alone.invoke(1).await.unwrap_err().path(), "on_two");
    // Names that are given when it runs.
    let named = chain!(u32 => on_two.named("a") | inc.named("b") | on_two.named("a"));
    assert_eq!(named.invoke(0).await.unwrap_err().path(), "a#2");
    // More steps than a tuple holds.
    let long = chain!(u32 => on_two | |n| n - 1 | |n| n | |n| n | |n| n | |n| n | |n| n | |n| n | |n| n | |n| n | |n| n
        | |n| n | |n| n | |n| n + 2 | on_two);
    assert_eq!(long.invoke(0).await.unwrap_err().path(), "on_two#2");
    assert_eq!(long.stream(0).next().await.unwrap().unwrap_err().path(), "on_two#2");
    // Each field and each arm is a sequence of its own.
    let fields = chain!(u32 => <a: on_two, b: inc | on_two> | .b);
    assert_eq!(fields.invoke(1).await.unwrap_err().path(), "<b>.on_two");
    let arms = chain!(u32 => match { 7 => on_two, _ => on_two } | on_two);
    assert_eq!(arms.invoke(2).await.unwrap_err().path(), "match.on_two");
}
