//! Errors of every type into a chain, and a chain's errors into every type.

use anyhow::Context as _;
use catena::{Error, ErrorKind, prelude::*};
use std::num::ParseIntError;

/// The error of a service.
#[derive(Debug, thiserror::Error)]
enum Service {
    #[error("there is no customer {0}")]
    Unknown(u32),
    #[error("the chain failed")]
    Chain(#[from] catena::Error),
    #[error("no number")]
    Number(#[from] ParseIntError),
}

#[runnable]
fn own(id: u32) -> Result<String, Service> {
    if id == 0 { Err(Service::Unknown(id)) } else { Ok(id.to_string()) }
}

#[runnable]
async fn with_anyhow(text: &str) -> anyhow::Result<u32> {
    let number: u32 = text.parse().with_context(|| format!("reading {text:?}"))?;
    anyhow::ensure!(number < 10, "{number} is too large");
    if number == 7 {
        return Err(Service::Unknown(7).into());
    }
    Ok(number)
}

#[runnable]
fn with_string(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}

#[runnable]
fn with_box(text: &str) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    Ok(text.parse()?)
}

fn limited() -> Error {
    Error::new(ErrorKind::RateLimited { retry_after: Some(std::time::Duration::from_secs(3)) }, "slow down")
}

#[runnable]
fn wraps_a_chain((): ()) -> Result<(), Service> {
    Err(limited())?
}

#[tokio::test]
async fn functions_fail_with_what_they_have() {
    let error = own.invoke(0).await.unwrap_err();
    assert_eq!(error.to_string(), "own: there is no customer 0");
    assert!(matches!(error.downcast_ref(), Some(Service::Unknown(0))));

    let error = with_string.invoke("x".to_owned()).await.unwrap_err();
    assert_eq!((error.message(), error.path()), ("\"x\" is no number", "with_string".to_owned()));

    let error = with_box.invoke("x".to_owned()).await.unwrap_err();
    assert!(error.downcast_ref::<ParseIntError>().is_some());
}

#[tokio::test]
async fn an_error_of_anyhow_keeps_its_context_its_original_and_its_causes() {
    let error = with_anyhow.invoke("x".to_owned()).await.unwrap_err();
    assert_eq!(error.message(), "reading \"x\"");
    assert!(error.downcast_ref::<ParseIntError>().is_some());
    assert!(format!("{error:?}").contains("caused by: invalid digit found in string"), "{error:?}");

    let error = with_anyhow.invoke("7".to_owned()).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Service::Unknown(7))));

    let error = with_anyhow.invoke("11".to_owned()).await.unwrap_err();
    assert_eq!(error.message(), "11 is too large");
}

#[tokio::test]
async fn the_kind_of_a_chain_inside_another_error_goes_on() {
    let error = wraps_a_chain.invoke(()).await.unwrap_err();
    assert_eq!(error.to_string(), "wraps_a_chain: the chain failed");
    assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(3)));
    assert!(matches!(error.downcast_ref(), Some(Service::Chain(_))));

    let chain = chain!(() => |()| Err::<(), _>(anyhow::Error::from(limited()).context("asking"))?);
    let error = chain.invoke(()).await.unwrap_err();
    assert_eq!((error.message(), error.retry_after().is_some()), ("asking", true));
}

#[tokio::test]
async fn closures_take_every_error() {
    let chain = chain!(String => <
        any: |text: &String| anyhow::Context::context(text.parse::<u32>(), "no number")?,
        own: |text: &String| text.parse::<u32>().map_err(Service::from)?,
        text: |text: &String| text.parse::<u32>().map_err(|error| error.to_string())?,
        option: |text: &String| text.chars().next().ok_or("nothing was asked")?,
        chain: async |text: String| with_anyhow.invoke(text).await?,
    >);
    let all = chain.invoke("5".to_owned()).await.unwrap();
    assert_eq!((all.any, all.own, all.text, all.option, all.chain), (5, 5, 5, '5', 5));
    assert_eq!(chain.invoke(String::new()).await.unwrap_err().message(), "no number");
}

#[tokio::test]
async fn a_chains_error_goes_into_every_type() {
    async fn into_anyhow() -> anyhow::Result<String> {
        own.invoke(0).await.context("serving")
    }
    async fn into_own() -> Result<String, Service> {
        Ok(own.invoke(0).await?)
    }
    async fn into_box() -> Result<String, Box<dyn std::error::Error>> {
        Ok(own.invoke(0).await?)
    }
    async fn into_eyre() -> eyre::Result<String> {
        Ok(own.invoke(0).await?)
    }
    let error = into_anyhow().await.unwrap_err();
    assert_eq!(
        error.chain().map(ToString::to_string).collect::<Vec<_>>()[..2],
        ["serving", "own: there is no customer 0"]
    );
    let inner = error.downcast_ref::<Error>().unwrap();
    assert_eq!(inner.path(), "own");
    assert!(matches!(inner.downcast_ref(), Some(Service::Unknown(0))));
    assert!(error.chain().any(|cause| matches!(cause.downcast_ref(), Some(Service::Unknown(0)))));
    assert!(matches!(into_own().await.unwrap_err(), Service::Chain(error) if error.path() == "own"));
    assert!(into_box().await.unwrap_err().is::<Error>());
    assert_eq!(into_eyre().await.unwrap_err().downcast_ref::<Error>().unwrap().path(), "own");
}

#[test]
fn a_backtrace_of_anyhow_is_kept() {
    // Which the environment decides.
    let original = anyhow::Error::msg("no");
    let captured = original.backtrace().status() == std::backtrace::BacktraceStatus::Captured;
    let error = Error::other(original);
    assert_eq!(error.backtrace().is_some(), captured);
    assert_eq!(format!("{error:?}").contains("backtrace:"), captured);
}

struct ByHand;

#[runnable]
impl Runnable<String> for ByHand {
    type Output = u32;

    async fn call(&self, input: String, _cx: &Context) -> catena::Result<u32> {
        let first = input.split(' ').next().ok_or("nothing was asked")?;
        let id: u32 = first.parse()?;
        own::function(id).map_err(Error::other)?;
        Ok(id)
    }
}

#[tokio::test]
async fn a_step_by_hand_has_a_short_way() {
    assert_eq!(ByHand.invoke("4 x".to_owned()).await.unwrap(), 4);
    assert!(ByHand.invoke("x".to_owned()).await.unwrap_err().downcast_ref::<ParseIntError>().is_some());
    let error = ByHand.invoke("0".to_owned()).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Service::Unknown(0))));
}
