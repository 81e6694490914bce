//! Another step takes over: when, with what input, and what remains of the errors.

use catena::{Chunks, Error, ErrorKind, Failed, prelude::*};
use catena_tests::{Scripted, secs};
use futures_util::StreamExt;

fn down() -> Scripted {
    Scripted::fails(Error::msg("down"))
}

async fn collected<T: Send>(chunks: Chunks<'_, T>) -> catena::Result<Vec<T>> {
    chunks.collect::<Vec<_>>().await.into_iter().collect()
}

#[runnable]
fn canned(question: &str) -> String {
    format!("no idea about {question}")
}

#[runnable]
fn broken(_question: &str) -> catena::Result<String> {
    Err(Error::new(ErrorKind::Auth, "no key"))
}

#[tokio::test]
async fn the_second_answers_only_when_the_first_fails() -> catena::Result<()> {
    let backup = Scripted::says(["second"]);
    let log = backup.log();
    assert_eq!(Scripted::says(["first"]).fallback(backup.clone()).invoke(()).await?, "first");
    assert_eq!(log.calls(), 0);
    assert_eq!(down().fallback(backup).invoke(()).await?, "second");
    assert_eq!(log.calls(), 1);
    Ok(())
}

#[tokio::test]
async fn the_second_gets_the_same_input() -> catena::Result<()> {
    assert_eq!(broken.fallback(canned).invoke("cats".to_owned()).await?, "no idea about cats");
    Ok(())
}

#[tokio::test]
async fn they_are_asked_in_the_order_written() -> catena::Result<()> {
    let (second, third) = (down(), Scripted::says(["third"]));
    let (asked_second, asked_third) = (second.log(), third.log());
    let chain = down().fallback(second).fallback(third).fallback(down());
    assert_eq!(chain.invoke(()).await?, "third");
    assert_eq!((asked_second.calls(), asked_third.calls()), (1, 1));
    Ok(())
}

#[tokio::test]
async fn where_all_fail_the_first_error_carries_the_others() {
    let second = Scripted::fails(Error::new(ErrorKind::Auth, "no key"));
    let third = Scripted::fails(Error::new(ErrorKind::BadInput, "too long"));
    let chain = down().named("gpt").fallback(second.named("claude")).fallback(third.named("gemini"));
    let error = chain.invoke(()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Step);
    assert_eq!(error.to_string(), "gpt: down (2 alternatives failed too)");
    let others: Vec<String> = error.others().iter().map(ToString::to_string).collect();
    assert_eq!(others, ["claude: no key", "gemini: too long"]);
    let story = format!("{error:?}");
    for said in ["gpt failed (step)", "message: down", "also failed: claude failed (auth)", "message: too long"] {
        assert!(story.contains(said), "{said} is missing in:\n{story}");
    }
}

#[tokio::test]
async fn one_alternative_is_named_in_the_singular() {
    let chain = down().named("gpt").fallback(down());
    let error = chain.invoke(()).await.unwrap_err();
    assert_eq!(error.to_string(), "gpt: down (the alternative failed too)");
}

#[runnable]
fn excuse(error: Error, input: String) -> String {
    format!("{input}? {}", error.message())
}

#[runnable]
fn look_at_both(input: &String, error: &Error) -> String {
    format!("{input}! {}", error.message())
}

#[runnable]
fn take_it_whole(failed: Failed<String>) -> String {
    format!("{}: {:?}", failed.input, failed.error.kind())
}

#[runnable]
fn fail_again(input: String, error: Error) -> catena::Result<String> {
    Err(Error::msg(format!("{input} failed after {}", error.message())))
}

#[tokio::test]
async fn the_next_one_may_see_the_input_and_the_error() -> catena::Result<()> {
    let well = || "well".to_owned();
    assert_eq!(broken.fallback_with_error(excuse).invoke(well()).await?, "well? no key");
    assert_eq!(broken.fallback_with_error(look_at_both).invoke(well()).await?, "well! no key");
    assert_eq!(broken.fallback_with_error(take_it_whole).invoke(well()).await?, "well: Auth");
    let by_closure = chain!(Failed<String> => |failed| failed.error.to_string());
    assert_eq!(broken.fallback_with_error(by_closure).invoke(well()).await?, "no key");
    Ok(())
}

#[tokio::test]
async fn where_the_one_that_saw_the_error_fails_too_both_errors_are_there() {
    let error = broken.fallback_with_error(fail_again).invoke("x".to_owned()).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (&ErrorKind::Auth, "no key"));
    assert_eq!(error.others()[0].to_string(), "fail_again: x failed after no key");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_can_be_fallen_back_from() -> catena::Result<()> {
    let slow = Scripted::says(["late"]).after(secs(10));
    let log = slow.log();
    let chain = chain!(String => (slow.timeout(secs(1)).fallback(canned)) | |s| s.len());
    assert_eq!(chain.invoke("cats".into()).await?, "no idea about cats".len());
    assert_eq!(log.stopped(), 1);
    Ok(())
}

#[tokio::test]
async fn a_stream_switches_before_its_first_chunk() -> catena::Result<()> {
    let chain = down().fallback(down()).fallback(Scripted::says(["a", "b"]));
    assert_eq!(collected(chain.stream(())).await?, ["a", "b"]);
    Ok(())
}

#[tokio::test]
async fn a_stream_does_not_switch_after_its_first_chunk() {
    let backup = Scripted::says(["never"]);
    let log = backup.log();
    let chain = Scripted::default().then_breaks(["a"], Error::msg("cut")).fallback(backup);
    let mut chunks = chain.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    assert_eq!(chunks.next().await.unwrap().unwrap_err().to_string(), "scripted: cut");
    assert!(chunks.next().await.is_none());
    assert_eq!(log.calls(), 0);
}

#[tokio::test]
async fn an_empty_stream_is_a_success() -> catena::Result<()> {
    let backup = Scripted::says(["never"]);
    let log = backup.log();
    let chain = Scripted::says([]).fallback(backup);
    assert!(collected(chain.stream(())).await?.is_empty());
    assert_eq!(chain.invoke(()).await?, "");
    assert_eq!(log.calls(), 0);
    Ok(())
}

#[tokio::test]
async fn steps_with_different_chunks_stand_in_for_each_other() -> catena::Result<()> {
    // One that streams, replaced by one that gives its answer at once.
    let chain = down().fallback(canned);
    assert_eq!(collected(chain.stream("cats".to_owned())).await?, ["no idea about cats"]);
    // The other way round: the first one's chunks are whole answers, and so are these.
    let chain = broken.fallback(Scripted::says(["a", "b"]));
    assert_eq!(collected(chain.stream("cats".to_owned())).await?, ["ab"]);
    Ok(())
}

#[tokio::test]
async fn a_stream_in_which_all_fail_fails_as_a_call_does() {
    let chain = down().named("gpt").fallback(down().named("claude"));
    let called = chain.invoke(()).await.unwrap_err();
    let mut chunks = chain.stream(());
    let streamed = chunks.next().await.unwrap().unwrap_err();
    assert_eq!(format!("{streamed:?}"), format!("{called:?}"));
    assert!(chunks.next().await.is_none());
}

#[tokio::test]
async fn a_replacement_that_breaks_half_way_fails_as_a_call_does() {
    let chain = down().named("gpt").fallback(Scripted::default().then_breaks(["a"], Error::msg("cut")).named("claude"));
    let called = chain.invoke(()).await.unwrap_err();
    assert_eq!(called.to_string(), "gpt: down (the alternative failed too)");
    let mut chunks = chain.stream(());
    assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
    let streamed = chunks.next().await.unwrap().unwrap_err();
    assert_eq!(format!("{streamed:?}"), format!("{called:?}"));
}

#[tokio::test]
async fn a_stream_whose_replacement_sees_the_error() -> catena::Result<()> {
    let chain = broken.fallback_with_error(excuse);
    assert_eq!(collected(chain.stream("well".to_owned())).await?, ["well? no key"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_first_stream_is_gone_before_the_second_begins() -> catena::Result<()> {
    let first = Scripted::default().then_fails(Error::msg("down"));
    let seen = first.log();
    let watch = chain!(String => move |_| seen.running());
    let chain = chain!(String => first | |s| s.len()).fallback(watch);
    assert_eq!(chain.invoke(String::new()).await?, 0);
    assert_eq!(collected(chain.stream(String::new())).await?, [0]);
    Ok(())
}
