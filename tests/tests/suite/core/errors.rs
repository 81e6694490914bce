//! The error: where it happened, what it says on one line, what it tells in full, what it was made of.

use catena::{BoxError, Error, ErrorKind, Segment, prelude::*};
use std::{io, num::ParseIntError, time::Duration};

#[runnable]
fn sonnet(_question: &str) -> catena::Result<String> {
    Err(Error::new(ErrorKind::RateLimited { retry_after: Some(Duration::from_secs(7)) }, "slow down"))
}

#[runnable]
fn flash(question: &str) -> String {
    question.to_uppercase()
}

#[runnable]
fn compare() -> impl Runnable<String, Output = usize> {
    chain!(String => <claude: sonnet, gemini: flash> | |r| r.claude.len() + r.gemini.len())
}

#[tokio::test]
async fn the_path_leads_through_chains_and_fields_to_the_step() {
    let error = compare().invoke("x".into()).await.unwrap_err();
    assert_eq!(error.path(), "compare.<claude>.sonnet");
    assert_eq!(error.to_string(), "compare.<claude>.sonnet: slow down");
    let segments: Vec<Segment> = error.segments().cloned().collect();
    assert_eq!(
        segments,
        [Segment::Step("compare".into()), Segment::Field("claude".into()), Segment::Step("sonnet".into())]
    );
}

#[tokio::test]
async fn paths_go_as_deep_as_the_chains() {
    let each = compare().map();
    let chain = chain!(Vec<String> => <inner: <all: each | |sizes| sizes.len()>>).named("top");
    let error = chain.invoke(vec!["x".into()]).await.unwrap_err();
    assert_eq!(error.path(), "top.<inner>.<all>.compare[0].<claude>.sonnet");
}

#[test]
fn outside_a_chain_there_is_no_path() {
    let error = Error::msg("no");
    assert_eq!((error.path().as_str(), error.segments().count()), ("", 0));
    assert_eq!(error.to_string(), "no");
}

#[test]
fn display_is_one_line_whatever_was_said() {
    let error = Error::msg("first line\nsecond\r\n\tthird   line\n")
        .while_doing("reading\nthe answer")
        .at(Segment::Step("odd\nname".into()));
    assert_eq!(error.to_string(), "odd name: first line second third line (while reading the answer)");
    assert_eq!(error.message(), "first line\nsecond\r\n\tthird   line\n");
    assert_eq!(Error::msg("").to_string(), "");
}

#[test]
fn display_cuts_long_messages_and_debug_does_not() {
    let long = "ä".repeat(5000);
    let error = Error::msg(long.clone());
    let line = error.to_string();
    assert_eq!(line.chars().count(), 401);
    assert!(line.ends_with("ä…"));
    assert!(format!("{error:?}").contains(&long));
    let fits = "ä".repeat(400);
    assert_eq!(Error::msg(fits.clone()).to_string(), fits);
}

#[test]
fn debug_tells_the_whole_story() {
    let cause = "x".parse::<u32>().unwrap_err();
    let other = Error::new(ErrorKind::Timeout { after: Duration::from_secs(3) }, "no answer within 3s")
        .at(Segment::Step("backup".into()));
    let error = Error::new(ErrorKind::Parse { raw: "{\"a\": tru".into() }, "the answer is no JSON")
        .with_source(cause)
        .while_doing("reading the answer")
        .while_doing("asking sonnet")
        .with_attempts(3)
        .with_others([other])
        .at(Segment::Field("claude".into()));
    assert_eq!(
        format!("{error:?}"),
        "<claude> failed (parse)
  message: the answer is no JSON
  while: reading the answer
  while: asking sonnet
  raw output: \"{\\\"a\\\": tru\"
  attempts: 3, worth retrying: true
  caused by: invalid digit found in string
  also failed: backup failed (timeout)
    message: no answer within 3s
    limit: 3s
    attempts: 1, worth retrying: true"
    );
    assert_eq!(
        error.to_string(),
        "<claude>: the answer is no JSON (while reading the answer) (while asking sonnet) (after 3 attempts) \
         (the alternative failed too)"
    );
}

#[test]
fn debug_shows_how_long_the_provider_wants_to_be_left_alone() {
    let error = Error::new(ErrorKind::Unavailable { retry_after: Some(Duration::from_secs(9)) }, "down");
    assert!(format!("{error:?}").contains("retry after: 9s"));
    assert!(format!("{:?}", Error::msg("no")).starts_with("a step failed (step)\n  message: no"));
}

#[derive(Debug)]
struct Outer(io::Error);

impl std::fmt::Display for Outer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("could not load")
    }
}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn any_std_error_becomes_one_and_stays_inside() {
    fn number(text: &str) -> catena::Result<u32> {
        Ok(text.parse::<u32>()?)
    }
    fn load() -> catena::Result<()> {
        Err(Error::other(Outer(io::Error::new(io::ErrorKind::NotFound, "no such file"))))
    }
    let error = number("x").unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (&ErrorKind::Step, true));
    assert!(error.downcast_ref::<ParseIntError>().is_some());
    assert!(error.source().unwrap().is::<ParseIntError>());

    let error = load().unwrap_err();
    assert_eq!(error.to_string(), "could not load");
    assert_eq!(error.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::NotFound);
    assert!(error.downcast_ref::<ParseIntError>().is_none());
    let story = format!("{error:?}");
    assert!(story.contains("caused by: no such file"), "{story}");
    assert_eq!(story.matches("could not load").count(), 1, "{story}");
}

#[test]
fn it_leaves_as_a_boxed_error() {
    fn shared() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err(Error::from("x".parse::<u32>().unwrap_err()).at(Segment::Step("parse".into())))?
    }
    fn plain() -> Result<(), Box<dyn std::error::Error>> {
        Err(Error::msg("no"))?
    }
    let boxed = shared().unwrap_err();
    assert_eq!(boxed.to_string(), "parse: invalid digit found in string");
    assert!(boxed.source().unwrap().is::<ParseIntError>());
    assert!(format!("{boxed:?}").starts_with("parse failed (step)"));
    assert_eq!(plain().unwrap_err().to_string(), "no");
}

#[test]
fn it_comes_back_as_what_it_was() {
    let original = Error::new(ErrorKind::Auth, "no key").with_attempts(2).at(Segment::Step("ask".into()));
    let back = Error::from(BoxError::from(original.clone()));
    assert_eq!(format!("{back:?}"), format!("{original:?}"));
    assert_eq!(back.kind(), &ErrorKind::Auth);

    let boxed: Box<dyn std::error::Error + Send + Sync> = original.into();
    let within: &Error = boxed.downcast_ref().unwrap();
    assert_eq!(within.kind(), &ErrorKind::Auth);
}

#[tokio::test]
async fn an_error_that_goes_through_another_chain_as_std_error_keeps_its_kind() {
    #[runnable]
    fn outer(text: &str) -> Result<String, BoxError> {
        sonnet::function(text).map_err(BoxError::from)
    }
    let error = outer.invoke("x".to_owned()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error.to_string(), "outer: slow down");
}

#[test]
fn kinds_say_whether_trying_again_makes_sense() {
    let kinds = [
        (ErrorKind::Timeout { after: Duration::ZERO }, "timeout", true),
        (ErrorKind::Deadline, "deadline", false),
        (ErrorKind::Cancelled, "cancelled", false),
        (ErrorKind::RateLimited { retry_after: None }, "rate_limited", true),
        (ErrorKind::Unavailable { retry_after: None }, "unavailable", true),
        (ErrorKind::BadInput, "bad_input", false),
        (ErrorKind::Parse { raw: String::new() }, "parse", true),
        (ErrorKind::Auth, "auth", false),
        (ErrorKind::Recursion { limit: 25 }, "recursion", false),
        (ErrorKind::Panic, "panic", false),
        (ErrorKind::Step, "step", true),
    ];
    for (kind, name, retryable) in kinds {
        assert_eq!(kind.name(), name);
        let error = Error::new(kind, "x");
        assert_eq!(error.is_retryable(), retryable, "{name}");
        assert_eq!(error.clone().with_retryable(!retryable).is_retryable(), !retryable, "{name}");
    }
}

#[test]
fn what_a_kind_carries_can_be_asked_for() {
    let wait = Some(Duration::from_secs(3));
    assert_eq!(Error::new(ErrorKind::RateLimited { retry_after: wait }, "").retry_after(), wait);
    assert_eq!(Error::new(ErrorKind::Unavailable { retry_after: wait }, "").retry_after(), wait);
    assert_eq!(Error::msg("").retry_after(), None);
    assert_eq!(Error::new(ErrorKind::Parse { raw: "hm".into() }, "").raw_output(), Some("hm"));
    assert_eq!(Error::msg("").raw_output(), None);
    assert_eq!(Error::msg("").attempts(), 1);
}

#[test]
fn the_others_are_kept_in_order_and_counted() {
    let error = Error::msg("first").with_others([Error::msg("second")]).with_others([Error::msg("third")]);
    let others: Vec<_> = error.others().iter().map(Error::message).collect();
    assert_eq!(others, ["second", "third"]);
    assert_eq!(error.to_string(), "first (2 alternatives failed too)");
}

#[test]
fn it_is_cheap_to_carry_and_changing_a_clone_leaves_the_original() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    let original = Error::msg("no");
    let changed = original.clone().with_attempts(3).at(Segment::Index(4));
    assert_eq!((original.attempts(), original.path().as_str()), (1, ""));
    assert_eq!((changed.attempts(), changed.path().as_str()), (3, "[4]"));
}

#[test]
fn as_json_it_has_its_kind_path_message_attempts_and_others() {
    let error = Error::new(ErrorKind::Auth, "no key")
        .with_attempts(2)
        .with_others([Error::msg("down").at(Segment::Step("backup".into()))])
        .at(Segment::Step("ask".into()))
        .at(Segment::Field("gpt".into()));
    let backup = serde_json::json!({"kind": "step", "path": "backup", "message": "down", "attempts": 1, "others": []});
    assert_eq!(
        serde_json::to_value(&error).unwrap(),
        serde_json::json!({
            "kind": "auth", "path": "<gpt>.ask", "message": "no key", "attempts": 2, "others": [backup],
        })
    );
}

#[tokio::test]
async fn a_settled_failure_serialises_with_its_record() -> catena::Result<()> {
    let out = chain!(String => <claude?: sonnet, gemini?: flash>).invoke("x".into()).await?;
    let json = serde_json::to_value(&out)?;
    assert_eq!(json["gemini"], serde_json::json!({"Ok": "X"}));
    assert_eq!(json["claude"]["Err"]["path"], "<claude>.sonnet");
    Ok(())
}
