//! Closures with handles, and errors of every type.

use catena::prelude::*;
use std::{fmt, sync::Arc};

#[derive(Clone)]
struct Db(Arc<String>);

impl Db {
    async fn profile(&self, tier: &str) -> Result<String, Missing> {
        tokio::task::yield_now().await;
        if tier == "none" { Err(Missing(tier.to_owned())) } else { Ok(format!("{}/{tier}", self.0)) }
    }

    fn look(&self, tier: &str) -> Option<String> {
        (tier != "none").then(|| format!("{}/{tier}", self.0))
    }
}

#[derive(Debug, PartialEq)]
struct Missing(String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no profile {}", self.0)
    }
}

impl std::error::Error for Missing {}

#[derive(Clone, Debug, PartialEq)]
struct Ask {
    tier: String,
}

fn db() -> Db {
    Db(Arc::new("db".to_owned()))
}

fn ask(tier: &str) -> Ask {
    Ask { tier: tier.to_owned() }
}

fn by_move() -> impl Runnable<Ask, Output = String> {
    let db = db();
    chain!(Ask => async move |ask| db.profile(&ask.tier).await?)
}

fn cloned_inside() -> impl Runnable<Ask, Output = String> {
    let db = db();
    chain!(Ask => async move |ask| {
        let db = db.clone();
        db.profile(&ask.tier).await?
    })
}

fn plain_with_async_move() -> impl Runnable<Ask, Output = String> {
    let db = db();
    chain!(Ask => |ask| async move { db.profile(&ask.tier).await? })
}

fn plain_that_awaits() -> impl Runnable<Ask, Output = String> {
    let db = db();
    chain!(Ask => move |ask| db.profile(&ask.tier).await?)
}

fn cloned_before() -> impl Runnable<Ask, Output = String> {
    let db = db();
    chain!(Ask => move |ask| {
        let db = db.clone();
        async move { db.profile(&ask.tier).await? }
    })
}

fn reads_async() -> impl Runnable<Ask, Output = String> {
    let db = db();
    chain!(Ask => async move |ask: &Ask| db.profile(&ask.tier).await?)
}

#[tokio::test]
async fn every_form_of_a_closure_with_a_handle_is_a_step() {
    assert_eq!(by_move().invoke(ask("a")).await.unwrap(), "db/a");
    assert_eq!(cloned_inside().invoke(ask("a")).await.unwrap(), "db/a");
    assert_eq!(plain_with_async_move().invoke(ask("a")).await.unwrap(), "db/a");
    assert_eq!(plain_that_awaits().invoke(ask("a")).await.unwrap(), "db/a");
    assert_eq!(cloned_before().invoke(ask("a")).await.unwrap(), "db/a");
    assert_eq!(reads_async().invoke(ask("a")).await.unwrap(), "db/a");
    let failed = by_move().invoke(ask("none")).await.unwrap_err();
    assert_eq!(failed.downcast_ref::<Missing>(), Some(&Missing("none".to_owned())));
}

#[tokio::test]
async fn a_borrowed_handle_is_used_as_it_is() {
    let db = db();
    let chain = chain!(Ask => async |ask| db.profile(&ask.tier).await?);
    assert_eq!(chain.invoke(ask("b")).await.unwrap(), "db/b");
    assert_eq!(chain.invoke(ask("c")).await.unwrap(), "db/c");
}

#[tokio::test]
async fn handles_work_in_maps_arms_and_streams() {
    let (one, two, three) = (db(), db(), db());
    let chain = chain!(Ask =>
        <
            profile: async move |ask| one.profile(&ask.tier).await?,
            tier: |ask: &Ask| ask.tier.len(),
            found: move |ask: &Ask| two.look(&ask.tier).ok_or("there is no such tier")?,
        >
        | |all| (all.tier, format!("{} {}", all.profile, all.found))
        | match {
            (1, text) => move |text: String| async move { three.profile(&text).await? },
            (_, text) => |text| text.to_uppercase(),
        }
    );
    assert_eq!(chain.invoke(ask("a")).await.unwrap(), "db/db/a db/a");
    let streamed: Vec<String> = futures_util::TryStreamExt::try_collect(chain.stream(ask("bc"))).await.unwrap();
    assert_eq!(streamed.concat(), "DB/BC DB/BC");
    let failed = chain.invoke(ask("none")).await.unwrap_err();
    assert!(failed.to_string().contains("there is no"), "{failed}");
}

#[tokio::test]
async fn a_lent_input_is_read_without_a_clone() {
    /// Not cloned in this test: the branches only read it.
    #[derive(Debug)]
    struct Counted(Arc<std::sync::atomic::AtomicUsize>);
    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Counted(self.0.clone())
        }
    }
    let clones = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let chain = chain!(Counted => <
        a: |input: &Counted| (Arc::strong_count(&input.0) > 0),
        b: |input: &Counted| (Arc::strong_count(&input.0) > 0),
    >);
    let both = chain.invoke(Counted(clones.clone())).await.unwrap();
    assert!(both.a && both.b);
    assert_eq!(clones.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[tokio::test]
async fn results_that_are_written_as_such_are_results() {
    let chain = chain!(String => |text| {
        if text.is_empty() {
            return Err("nothing was asked".into());
        }
        let number: u32 = text.parse()?;
        Ok(number)
    } | |n| -> catena::Result<u32> { Ok(n + 1) }
      | async |n| { if n > 10 { Err(Missing(n.to_string()))? } Ok(n) }
      | |n| n * 2);
    assert_eq!(chain.invoke("4".to_owned()).await.unwrap(), 10);
    assert_eq!(chain.invoke(String::new()).await.unwrap_err().message(), "nothing was asked");
    assert!(chain.invoke("x".to_owned()).await.unwrap_err().downcast_ref::<std::num::ParseIntError>().is_some());
    assert_eq!(chain.invoke("10".to_owned()).await.unwrap_err().message(), "there is no profile 11");
}

#[tokio::test]
async fn a_block_that_ends_in_a_closure_is_the_closure() -> catena::Result<()> {
    let db = db();
    let chain = chain!(Ask =>
        <
            profile: {
                let db = db.clone();
                async move |ask: Ask| db.profile(&ask.tier).await?
            },
            length: {
                const MORE: usize = 2;
                |ask: &Ask| ask.tier.len() + MORE
            },
        >
        | match {
            both if both.length > 100 => { let long = "long"; move |_| long.to_owned() },
            _ => |both| format!("{} {}", both.profile, both.length),
        }
    );
    assert_eq!(chain.invoke(ask("gold")).await?, "db/gold 6");
    Ok(())
}

#[tokio::test]
async fn a_closure_that_borrows_its_input_may_end_in_an_async_block() -> catena::Result<()> {
    let db = db();
    let chain = chain!(Ask => <
        profile: move |ask: &Ask| {
            let (db, tier) = (db.clone(), ask.tier.clone());
            async move { db.profile(&tier).await? }
        },
        length: |ask: &Ask| ask.tier.len(),
    > | |both| format!("{} {}", both.profile, both.length));
    assert_eq!(chain.invoke(ask("gold")).await?, "db/gold 4");
    Ok(())
}
