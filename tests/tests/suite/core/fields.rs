//! Fields of fields, a `match` on a field, texts in patterns, and comparisons in maps.

use catena::prelude::*;
use futures_util::{Stream, StreamExt, stream};
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Clone, Debug, PartialEq)]
enum Urgency {
    Critical,
    Low(u8),
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Record)]
struct Verdict {
    urgency: Urgency,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Record)]
struct Ticket {
    verdict: Verdict,
    number: u32,
}

fn ticket(urgency: Urgency) -> Ticket {
    Ticket { verdict: Verdict { urgency, text: "it burns".into() }, number: 7 }
}

#[runnable]
fn length(text: &str) -> usize {
    text.len()
}

#[runnable]
fn page(ticket: Ticket) -> String {
    format!("page for {}", ticket.number)
}

#[runnable]
fn later(input: Ticket, level: u8) -> String {
    format!("{} after {level} days", input.number)
}

#[runnable]
fn letters(text: String) -> impl Stream<Item = String> {
    stream::iter(text.chars().map(String::from).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_pick_goes_through_several_fields() -> catena::Result<()> {
    let chain = chain!(Ticket => .verdict.text | length);
    assert_eq!(chain.invoke(ticket(Urgency::Critical)).await?, 8);
    let chain = chain!(Ticket => <urgency: .verdict.urgency, size: .verdict.text | length, number: .number>);
    let out = chain.invoke(ticket(Urgency::Low(2))).await?;
    assert_eq!((out.urgency, out.size, out.number), (Urgency::Low(2), 8, 7));
    let chain = chain!(String => <a: <b: <c: length>>> | .a.b.c);
    assert_eq!(chain.invoke("hey".into()).await?, 3);
    Ok(())
}

#[tokio::test]
async fn a_branch_copies_only_the_field_that_it_picks() -> catena::Result<()> {
    static COPIES: AtomicUsize = AtomicUsize::new(0);
    struct Large;
    impl Clone for Large {
        fn clone(&self) -> Self {
            COPIES.fetch_add(1, Ordering::Relaxed);
            Large
        }
    }
    #[derive(Clone)]
    struct Inner {
        large: Large,
        small: u8,
    }
    #[derive(Clone)]
    struct Outer {
        inner: Inner,
    }
    let chain = chain!(Outer => <a: .inner.small, b: .inner.small>);
    let out = chain.invoke(Outer { inner: Inner { large: Large, small: 3 } }).await?;
    assert_eq!((out.a, out.b, COPIES.load(Ordering::Relaxed)), (3, 3, 0));
    let chain = chain!(Outer => .inner.large);
    chain.invoke(Outer { inner: Inner { large: Large, small: 3 } }).await?;
    assert_eq!(COPIES.load(Ordering::Relaxed), 0);
    Ok(())
}

#[tokio::test]
async fn a_field_of_a_field_streams_as_its_map_does() -> catena::Result<()> {
    let chain = chain!(String => <both: <spelled: letters, size: length>, other: letters> | .both.spelled | letters);
    let chunks: Vec<String> = chain.stream("abc".into()).map(Result::unwrap).collect().await;
    assert_eq!(chunks.concat(), "abc");
    let chain = chain!(String => <both: <spelled: letters, size: length>, other: letters> | .both.spelled);
    let chunks: Vec<String> = chain.stream("abc".into()).map(Result::unwrap).collect().await;
    assert_eq!(chunks, ["a", "b", "c"]);
    catena::assert_streams!(chain);
    // Of a struct, the field comes in one piece.
    let chain = chain!(Ticket => .verdict.text);
    let chunks: Vec<_> = chain.stream(ticket(Urgency::Critical)).map(Result::unwrap).collect().await;
    assert_eq!(chunks, ["it burns"]);
    Ok(())
}

#[tokio::test]
async fn a_match_on_a_field_hands_on_the_whole_input() -> catena::Result<()> {
    let chain = chain!(Ticket => match .verdict.urgency {
        Urgency::Critical => page,
        _ => |ticket| ticket.verdict.text,
    });
    assert_eq!(chain.invoke(ticket(Urgency::Critical)).await?, "page for 7");
    assert_eq!(chain.invoke(ticket(Urgency::Low(1))).await?, "it burns");
    assert!(chain.graph().text().contains("Urgency::Critical"));
    Ok(())
}

#[tokio::test]
async fn a_match_on_a_field_hands_on_what_its_patterns_bind_beside_the_input() -> catena::Result<()> {
    let chain = chain!(Ticket => match .verdict.urgency {
        Urgency::Critical => page,
        Urgency::Low(level) if level > 3 => later,
        Urgency::Low(_) => |ticket: Ticket| ticket.number.to_string(),
        other => |both| format!("{:?} of {}", both.other, both.input.number),
    });
    for (urgency, output) in [
        (Urgency::Critical, "page for 7"),
        (Urgency::Low(5), "7 after 5 days"),
        (Urgency::Low(1), "7"),
        (Urgency::Other("x".into()), r#"Other("x") of 7"#),
    ] {
        assert_eq!(chain.invoke(ticket(urgency)).await?, output);
    }
    Ok(())
}

#[tokio::test]
async fn a_match_on_a_field_goes_on_a_map() -> catena::Result<()> {
    let chain = chain!(String =>
        <kind: |text| text.split_once(' ').map(|(kind, _)| kind.to_owned()), size: length>
        | match .kind {
            Some("ask") => <.., asked: |_| true> | |out| format!("{:?} {} {}", out.kind, out.size, out.asked),
            None => .size | |size| size.to_string(),
            Some(word) => <.., size: .input.size> | |out| format!("{} {}", out.word, out.size),
        }
    );
    for (input, output) in [("ask me", r#"Some("ask") 6 true"#), ("me", "2"), ("tell me", "tell 7")] {
        assert_eq!(chain.invoke(input.into()).await?, output);
    }
    Ok(())
}

#[tokio::test]
async fn texts_match_a_string() -> catena::Result<()> {
    let chain = chain!(String => match {
        "yes" | "y" => |_| 1,
        long if long.len() > 3 => length,
        "no" => |answer: String| answer.len() + 10,
        _ => |_| 0,
    });
    for (input, output) in [("yes", 1), ("y", 1), ("maybe", 5), ("no", 12), ("-", 0)] {
        assert_eq!(chain.invoke(input.into()).await?, output);
    }
    let chain = chain!(&'static str => match { "yes" => |_| true, _ => |_| false });
    assert!(chain.invoke("yes").await?);
    let chain = chain!(std::borrow::Cow<'static, str> => match { "yes" => |_| true, _ => |_| false });
    assert!(chain.invoke("yes".into()).await?);
    Ok(())
}

#[tokio::test]
async fn texts_match_within_patterns() -> catena::Result<()> {
    let chain = chain!(Option<String> => match {
        Some("yes" | "y") | None => |answer: Option<String>| format!("{answer:?}"),
        Some("no") if true => |_| "never".to_owned(),
        whole @ Some(_) if whole.as_deref() == Some("?") => |_| "what".to_owned(),
        Some(other) => |other| other + "!",
    });
    for (input, output) in [
        (Some("yes"), r#"Some("yes")"#),
        (Some("y"), r#"Some("y")"#),
        (None, "None"),
        (Some("no"), "never"),
        (Some("?"), "what"),
        (Some("why"), "why!"),
    ] {
        assert_eq!(chain.invoke(input.map(String::from)).await?, output);
    }
    let chain = chain!(Verdict => match {
        Verdict { urgency, text: "it burns" } => |urgency| format!("{urgency:?}"),
        Verdict { text, .. } => |text| text,
    });
    assert_eq!(chain.invoke(ticket(Urgency::Critical).verdict).await?, "Critical");
    let chain = chain!((String, u8) => match { (name @ "a", n) => |both| format!("{}{}", both.name, both.n), _ => |_| String::new() });
    assert_eq!(chain.invoke(("a".into(), 3)).await?, "a3");
    let chain = chain!(Ticket => match .verdict.text { "it burns" => page, _ => |_| String::new() });
    assert_eq!(chain.invoke(ticket(Urgency::Critical)).await?, "page for 7");
    Ok(())
}

#[tokio::test]
async fn a_branch_of_a_map_compares_as_rust_does() -> catena::Result<()> {
    let chain = chain!(u32 => <
        big: |n| n > 3,
        small: |n| n < 3,
        least: |n| n >= 3 && n != 6 || n == 9,
        shifted: |n| n << 2 >> 1,
        borrowed: |n: &u32| *n > 4,
        inner: <deep: |n| n > 1>,
        typed: |n| n | |n: u32| n + 1 | |n: u32| -> bool { n == 6 },
        bytes: |n| Vec::<u8>::with_capacity(n as usize).capacity() < 1 | |empty| !empty,
        list: |n: u32| -> Vec<u32> { vec![n; 2] }
    > | <big: .big, rest: _>);
    let out = chain.invoke(5).await?;
    let rest = out.rest;
    assert_eq!((out.big, rest.big, rest.small, rest.least), (true, true, false, true));
    assert_eq!((rest.shifted, rest.borrowed, rest.inner.deep, rest.bytes), (10, true, true, true));
    assert!(rest.typed);
    assert_eq!(rest.list, [5, 5]);
    Ok(())
}

#[tokio::test]
async fn an_arm_may_be_left_to_do() -> catena::Result<()> {
    let chain = chain!(Urgency => match { Urgency::Low(level) => |level| level.to_string(), _ => todo!() } | length);
    assert_eq!(chain.invoke(Urgency::Low(12)).await?, 2);
    Ok(())
}
