//! Settings of a run, and what its steps see of them.

use catena::{Config, Error, prelude::*};
use futures_util::StreamExt;
use serde_json::json;
use std::sync::Arc;

#[runnable]
fn tags(_input: &(), cx: &Context) -> Vec<String> {
    cx.tags().to_vec()
}

#[runnable]
fn user(_input: &(), cx: &Context) -> Option<serde_json::Value> {
    cx.metadata("user").cloned()
}

#[derive(Debug, PartialEq)]
struct Tenant(&'static str);

#[runnable]
fn tenant(_input: &(), cx: &Context) -> &'static str {
    cx.get::<Tenant>().map_or("nobody", |found| found.0)
}

#[runnable]
fn fail(_input: &()) -> catena::Result<()> {
    Err(Error::msg("no"))
}

fn tagged(tag: &str) -> Config {
    Config::new().tag(tag)
}

#[tokio::test]
async fn a_run_that_asks_for_nothing_has_nothing() -> catena::Result<()> {
    assert!(tags.invoke(()).await?.is_empty());
    assert_eq!(user.invoke(()).await?, None);
    assert_eq!(tenant.invoke(()).await?, "nobody");
    assert!(Context::new().deadline().is_none() && Context::new().time_left().is_none());
    Ok(())
}

#[tokio::test]
async fn tags_of_nested_settings_are_united_in_order() -> catena::Result<()> {
    let chain = tags.with_config(tagged("b").tag("a").tag("c"));
    assert_eq!(chain.invoke_with((), tagged("a").tag("b").tag("a")).await?, ["a", "b", "c"]);
    Ok(())
}

#[tokio::test]
async fn what_the_run_sets_counts_whatever_its_parts_set() -> catena::Result<()> {
    let chain = tenant.with_config(Config::new().with(Tenant("part")));
    assert_eq!(chain.invoke(()).await?, "part");
    assert_eq!(chain.invoke_with((), Config::new().with(Tenant("run"))).await?, "run");

    let boxed = tenant.boxed().with_config(Config::new().recursion_limit(0));
    assert!(boxed.invoke(()).await.is_err(), "the part's own limit");
    assert_eq!(boxed.invoke_with((), Config::new().recursion_limit(1)).await?, "nobody");
    Ok(())
}

#[tokio::test]
async fn metadata_of_the_run_wins_over_that_of_its_parts() -> catena::Result<()> {
    let outer = || Config::new().metadata("user", json!({"id": 1, "name": "Ann"})).metadata("other", 1);
    assert_eq!(user.invoke_with((), outer()).await?, Some(json!({"id": 1, "name": "Ann"})));
    let inner = user.with_config(Config::new().metadata("user", json!({"id": 2})));
    assert_eq!(inner.invoke(()).await?, Some(json!({"id": 2})));
    let whole = Some(json!({"id": 1, "name": "Ann"}));
    assert_eq!(inner.invoke_with((), outer()).await?, whole, "values are not merged deeply");
    let inner = user.with_config(Config::new().metadata("other", 2));
    assert_eq!(inner.invoke_with((), outer()).await?, Some(json!({"id": 1, "name": "Ann"})));
    Ok(())
}

#[tokio::test]
async fn extensions_are_found_by_type_and_the_run_s_wins() -> catena::Result<()> {
    let outer = || Config::new().with(Tenant("outer")).with(7_u32);
    assert_eq!(tenant.invoke_with((), outer()).await?, "outer");
    assert_eq!(tenant.with_config(Config::new().with(Tenant("inner"))).invoke_with((), outer()).await?, "outer");
    assert_eq!(tenant.with_config(Config::new().with("text")).invoke_with((), outer()).await?, "outer");
    let cx = Context::new().configured(&outer());
    assert_eq!((cx.get::<u32>(), cx.get::<u64>(), cx.get::<Tenant>()), (Some(&7), None, Some(&Tenant("outer"))));
    Ok(())
}

#[tokio::test]
async fn settings_of_one_branch_do_not_reach_its_siblings() -> catena::Result<()> {
    let special = tags.with_config(tagged("special"));
    let out = chain!(() => <a: special, b: tags>).invoke_with((), tagged("run")).await?;
    assert_eq!((out.a, out.b), (vec!["run".to_owned(), "special".to_owned()], vec!["run".to_owned()]));
    Ok(())
}

#[tokio::test]
async fn every_combinator_hands_the_settings_on() -> catena::Result<()> {
    let fallback = chain!(() => |()| Err::<Vec<String>, _>(Error::msg("no"))?).fallback(tags);
    let chain = chain!(() => <
        sequence: _ | tags,
        arm: match { () => tags },
        retry: tags.retry(2),
        timeout: tags.timeout(std::time::Duration::from_secs(1)),
        fallback: fallback,
        race: tags.race(tags),
        spawned: tags.spawned(),
        boxed: tags.boxed(),
        named: tags.named("n"),
        shared: Arc::new(tags),
        tap: tags.tap(|_| ()),
        settled?: tags,
        map: |()| vec![()] | tags.map() | |lists: Vec<Vec<String>>| lists.concat(),
    >);
    let out = chain.invoke_with((), tagged("run")).await?;
    let all = [
        out.sequence,
        out.arm,
        out.retry,
        out.timeout,
        out.fallback,
        out.race,
        out.spawned,
        out.boxed,
        out.named,
        out.shared,
        out.tap,
        out.settled?,
        out.map,
    ];
    for (at, seen) in all.iter().enumerate() {
        assert_eq!(seen, &["run"], "number {at}");
    }
    Ok(())
}

#[tokio::test]
async fn streams_see_the_settings_too() -> catena::Result<()> {
    let inner = tags.with_config(tagged("inner"));
    let chain = chain!(() => <a: inner.spawned()> | .a).boxed_stream().with_config(tagged("outer"));
    let seen: Vec<_> = chain.stream(()).map(Result::unwrap).collect().await;
    assert_eq!(seen, [["outer", "inner"]]);
    Ok(())
}

#[tokio::test]
async fn the_runs_name_heads_the_paths_and_is_not_inherited() {
    let chain = chain!(() => <a: fail>);
    let error = chain.invoke_with((), Config::new().run_name("nightly")).await.unwrap_err();
    assert_eq!(error.to_string(), "nightly.<a>.fail: no");
    let named = chain!(() => <a: fail>).named("chain");
    let error = named.invoke_with((), Config::new().run_name("nightly")).await.unwrap_err();
    assert_eq!(error.path(), "nightly.<a>.fail", "it stands for the name of the chain");
    let error = named.invoke_with((), Config::new()).await.unwrap_err();
    assert_eq!(error.path(), "chain.<a>.fail");
}

#[tokio::test]
async fn a_part_may_have_a_run_name_of_its_own() {
    let part = fail.with_config(Config::new().run_name("careful"));
    assert_eq!(part.name(), Some("careful"));
    let chain = chain!(() => <a: part>);
    assert_eq!(chain.invoke(()).await.unwrap_err().path(), "<a>.careful");
}

#[tokio::test]
async fn one_configuration_serves_many_runs() -> catena::Result<()> {
    let config = tagged("shared").with(Tenant("Acme"));
    for _ in 0..2 {
        assert_eq!(tags.invoke_with((), config.clone()).await?, ["shared"]);
        assert_eq!(tenant.invoke_with((), config.clone()).await?, "Acme");
    }
    Ok(())
}
