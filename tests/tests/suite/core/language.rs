//! The language of `chain!`, construct by construct, as a user writes and runs it.

use catena::{Error, prelude::*};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Record)]
struct Question {
    text: String,
    lang: String,
}

fn question() -> Question {
    Question { text: "why".into(), lang: "en".into() }
}

#[runnable]
fn phrase(lang: &str, text: &str) -> String {
    format!("[{lang}] {text}")
}

#[runnable]
async fn shout(text: &str) -> String {
    tokio::task::yield_now().await;
    text.to_uppercase()
}

#[runnable]
fn length(text: &str) -> usize {
    text.len()
}

#[runnable]
fn fail(_text: &str) -> catena::Result<usize> {
    Err(Error::msg("no luck"))
}

#[derive(Debug, PartialEq)]
struct Answers {
    loud: String,
    size: usize,
}

#[derive(Debug)]
struct Boxed<T> {
    value: T,
}

#[tokio::test]
async fn steps_in_sequence_with_a_written_input_type() -> catena::Result<()> {
    let chain = chain!(Question => phrase | shout | length);
    assert_eq!(chain.invoke(question()).await?, 8);
    Ok(())
}

#[tokio::test]
async fn the_input_type_may_be_left_out_where_the_first_step_has_one() -> catena::Result<()> {
    let chain = chain!(shout | length);
    assert_eq!(chain.invoke("hey".to_owned()).await?, 3);
    Ok(())
}

#[tokio::test]
async fn an_inline_record_takes_any_record_with_its_fields() -> catena::Result<()> {
    let chain = chain!({ text: String, lang: String } => phrase);
    assert_eq!(chain.invoke(question()).await?, "[en] why");
    let extra = record! { lang: "de".to_owned(), text: "warum".to_owned(), unused: 3 };
    assert_eq!(chain.invoke(extra).await?, "[de] warum");
    Ok(())
}

#[tokio::test]
async fn a_map_is_a_struct_with_the_fields_in_the_order_written() -> catena::Result<()> {
    let chain = chain!(String => <loud: shout, size: length>);
    let out = chain.invoke("hey".into()).await?;
    assert_eq!((out.loud.as_str(), out.size), ("HEY", 3));
    assert_eq!(format!("{out:?}"), r#"Parallel { loud: "HEY", size: 3 }"#);
    assert_eq!(out.clone(), out);
    assert_eq!(serde_json::to_string(&out)?, r#"{"loud":"HEY","size":3}"#);
    Ok(())
}

#[tokio::test]
async fn branches_hold_pipes_and_maps() -> catena::Result<()> {
    let chain = chain!(String =>
        <
            a: shout | length,
            inner: <b: shout, c: length | |n| n * 2>,
            d: <e: <f: length>> | .e | .f,
        >
        | |r| format!("{} {} {} {}", r.a, r.inner.b, r.inner.c, r.d)
    );
    assert_eq!(chain.invoke("hey".into()).await?, "3 HEY 6 3");
    Ok(())
}

#[tokio::test]
async fn a_settled_field_is_a_result_and_stops_nobody() -> catena::Result<()> {
    let chain = chain!(String => <size?: fail, fine?: length, loud: shout>);
    let out = chain.invoke("hey".into()).await?;
    assert_eq!(out.size.unwrap_err().to_string(), "<size>.fail: no luck");
    assert_eq!(out.fine?, 3);
    assert_eq!(out.loud, "HEY");
    Ok(())
}

#[tokio::test]
async fn as_fills_a_struct_of_the_users() -> catena::Result<()> {
    let chain = chain!(String => <size: length, loud: shout> as Answers | |a: Answers| (a.loud, a.size));
    assert_eq!(chain.invoke("hey".into()).await?, ("HEY".to_owned(), 3));

    let chain = chain!(String => <value: length> as Boxed<usize>);
    assert_eq!(chain.invoke("hey".into()).await?.value, 3);
    Ok(())
}

#[tokio::test]
async fn two_dots_copy_the_fields_that_are_there() -> catena::Result<()> {
    let chain = chain!(String => <loud: shout, size: length> | <double: |r| r.size * 2, ..>);
    let out = chain.invoke("hey".into()).await?;
    assert_eq!((out.double, out.loud.as_str(), out.size), (6, "HEY", 3));

    let chain = chain!({ text: String, lang: String } => <.., phrase: phrase>);
    let out = chain.invoke(question()).await?;
    assert_eq!((out.text.as_str(), out.lang.as_str(), out.phrase.as_str()), ("why", "en", "[en] why"));

    // What is written anew is not copied.
    let chain = chain!(String => <loud: shout, size: length> | <size: |r| r.size + 1, ..>);
    assert_eq!(chain.invoke("hey".into()).await?.size, 4);
    Ok(())
}

#[tokio::test]
async fn picks_take_a_field_or_a_sub_record() -> catena::Result<()> {
    let chain = chain!(Question => .lang | shout);
    assert_eq!(chain.invoke(question()).await?, "EN");
    let chain = chain!(Question => <l: .lang, both: .{text, lang}>);
    let out = chain.invoke(question()).await?;
    assert_eq!((out.l.as_str(), out.both.text.as_str(), out.both.lang.as_str()), ("en", "why", "en"));
    let chain = chain!(Question => .{text, lang} | phrase);
    assert_eq!(chain.invoke(question()).await?, "[en] why");
    Ok(())
}

#[tokio::test]
async fn underscore_is_the_input() -> catena::Result<()> {
    let chain = chain!(String => <text: _, size: length>);
    let out = chain.invoke("hey".into()).await?;
    assert_eq!((out.text.as_str(), out.size), ("hey", 3));
    let chain = chain!(String => _ | length | _);
    assert_eq!(chain.invoke("hey".into()).await?, 3);
    Ok(())
}

#[derive(Clone, Debug)]
enum Intent {
    Math(i64),
    Code { lang: String, text: String },
    Small(u8, u8),
    Other,
}

#[tokio::test]
async fn match_runs_the_arm_of_the_pattern() -> catena::Result<()> {
    let limit = 10;
    let chain = chain!(Intent => match {
        Intent::Math(n) if n > limit => |n| format!("big {n}"),
        Intent::Math(n) => |n| format!("math {n}"),
        Intent::Code { lang, text } => phrase | shout,
        Intent::Small(a, b) if a == b => |r| format!("same {}", r.a),
        whole @ (Intent::Small(..) | Intent::Other) => |i| format!("{i:?}"),
    });
    let run = async |intent| chain.invoke(intent).await;
    assert_eq!(run(Intent::Math(11)).await?, "big 11");
    assert_eq!(run(Intent::Math(2)).await?, "math 2");
    assert_eq!(run(Intent::Code { lang: "rs".into(), text: "fn".into() }).await?, "[RS] FN");
    assert_eq!(run(Intent::Small(1, 1)).await?, "same 1");
    assert_eq!(run(Intent::Small(1, 2)).await?, "Small(1, 2)");
    assert_eq!(run(Intent::Other).await?, "Other");
    Ok(())
}

#[tokio::test]
async fn match_on_options_strings_and_constants() -> catena::Result<()> {
    const SEVEN: u8 = 7;
    let chain = chain!(Option<u8> => match {
        None => |_| "none".to_owned(),
        Some(SEVEN) => |_| "seven".to_owned(),
        Some(0..=3) => |_| "few".to_owned(),
        Some(n) => |n: u8| n.to_string(),
    });
    for (input, output) in [(None, "none"), (Some(7), "seven"), (Some(2), "few"), (Some(9), "9")] {
        assert_eq!(chain.invoke(input).await?, output);
    }
    let chain = chain!(String => match {
        s if s.starts_with('a') => shout,
        _ => _,
    });
    assert_eq!(chain.invoke("abc".into()).await?, "ABC");
    assert_eq!(chain.invoke("bcd".into()).await?, "bcd");
    Ok(())
}

#[tokio::test]
async fn match_has_more_than_twelve_arms() -> catena::Result<()> {
    let chain = chain!(u32 => match {
        0 => |_| "0", 1 => |_| "1", 2 => |_| "2", 3 => |_| "3", 4 => |_| "4", 5 => |_| "5", 6 => |_| "6",
        7 => |_| "7", 8 => |_| "8", 9 => |_| "9", 10 => |_| "10", 11 => |_| "11", 12 => |_| "12", 13 => |_| "13",
        n if n > 100 => |_| "many",
        _ => |_| "some",
    });
    for (input, output) in [(0, "0"), (10, "10"), (11, "11"), (12, "12"), (13, "13"), (50, "some"), (500, "many")] {
        assert_eq!(chain.invoke(input).await?, output);
    }
    Ok(())
}

#[tokio::test]
async fn closures_are_try_blocks() -> catena::Result<()> {
    let chain = chain!(String => |s| s.parse::<u32>()? | |n| n + 1);
    assert_eq!(chain.invoke("41".into()).await?, 42);
    let error = chain.invoke("x".into()).await.unwrap_err();
    assert_eq!(error.to_string(), "|s|: invalid digit found in string");
    assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());

    let chain = chain!(u32 => |n| { let doubled = n * 2; if doubled > 10 { Err(Error::msg("too big"))? } doubled });
    assert_eq!(chain.invoke(5).await?, 10);
    assert_eq!(chain.invoke(6).await.unwrap_err().message(), "too big");
    Ok(())
}

#[tokio::test]
async fn closures_may_be_async() -> catena::Result<()> {
    let offset = std::sync::Arc::new(1);
    let chain = chain!(u32 =>
        |n| async move { tokio::task::yield_now().await; n + 1 }
        | |n| { tokio::task::yield_now().await; n.to_string() }
        | async |s| s.parse::<u32>()?
        | move |n| { let offset = offset.clone(); async move { n + *offset } }
        | |n| shout.invoke(n.to_string()).await?
    );
    assert_eq!(chain.invoke(1).await?, "3");
    Ok(())
}

#[tokio::test]
async fn a_closure_body_may_use_or_and_comparisons() -> catena::Result<()> {
    let chain = chain!(u32 => |n| n > 3 || n == 1 | |b| !b);
    assert!(!chain.invoke(1).await?);
    let chain = chain!(u32 => <big: |n| (n > 3), list: |n: u32| -> Vec<u32> { vec![n; 2] }>);
    let out = chain.invoke(5).await?;
    assert_eq!((out.big, out.list), (true, vec![5, 5]));
    Ok(())
}

mod json {
    use super::*;

    /// Reads JSON.
    #[runnable]
    pub(super) fn json<T: serde::de::DeserializeOwned>(text: &str) -> serde_json::Result<T> {
        serde_json::from_str(text)
    }
}

#[derive(Clone)]
struct Add {
    n: u32,
}

#[runnable]
impl Runnable<u32> for Add {
    type Output = u32;
    async fn call(&self, input: u32, _cx: &Context) -> catena::Result<u32> {
        Ok(input + self.n)
    }
}

macro_rules! adder {
    ($n:expr) => {
        Add { n: $n }
    };
}

fn add(n: u32) -> Add {
    Add { n }
}

#[tokio::test]
async fn any_expression_is_a_step() -> catena::Result<()> {
    let one = chain!(u32 => |n| n + 1);
    let adders = [add(10), add(20)];
    let chain = chain!(String =>
        json::json::<Vec<u32>>()
        | |v| v.iter().sum::<u32>()
        | one
        | Add { n: 2 }
        | adder!(3)
        | add(4)
        | &adders[0]
        | add(1).retry(2).named("last")
        | chain!(u32 => |n| n * 2)
        | (if adders.len() > 1 { add(0) } else { add(1) })
    );
    assert_eq!(chain.invoke("[1, 2]".into()).await?, 48);
    Ok(())
}

#[tokio::test]
async fn a_map_has_more_than_twelve_branches() -> catena::Result<()> {
    let chain = chain!(u32 => <
        a: add(1), b: add(2), c: add(3), d: add(4), e: add(5), f: add(6), g: add(7), h: add(8), i: add(9), j: add(10),
        k: add(11), l: add(12), m: add(13), n?: add(14), o: add(15), p: add(16), q: add(17), r: add(18), s: add(19),
        t: add(20), u: add(21), v: add(22), w: add(23), x: add(24), y: add(25), z: |n| n.to_string(),
    >);
    let out = chain.invoke(0).await?;
    assert_eq!((out.a, out.l, out.m, out.y, out.z.as_str()), (1, 12, 13, 25, "0"));
    assert_eq!(out.n.clone()?, 14);
    let json = serde_json::to_value(out.z)?;
    assert_eq!(json, "0");
    Ok(())
}

#[derive(Serialize, Record, Clone)]
struct Pair<A: Clone, B>
where
    B: Clone,
{
    left: A,
    right: B,
}

#[runnable]
fn right_then_left(right: u8, left: String) -> String {
    format!("{right}{left}")
}

#[tokio::test]
async fn records_may_be_generic() -> catena::Result<()> {
    let chain = chain!(Pair<String, u8> => right_then_left);
    assert_eq!(chain.invoke(Pair { left: "x".into(), right: 1 }).await?, "1x");
    Ok(())
}

#[tokio::test]
async fn chains_run_on_borrowed_inputs() -> catena::Result<()> {
    fn measure() -> impl for<'x> Runnable<&'x str, Output = usize> {
        chain!(&str => |s| s.len() | |n| n + 1)
    }
    let text = String::from("borrowed");
    assert_eq!(measure().invoke(&text).await?, 9);
    Ok(())
}

#[runnable]
fn typed(r#type: &str, r#match: usize) -> String {
    format!("{type} {match}")
}

#[tokio::test]
async fn raw_names_are_names() -> catena::Result<()> {
    let chain = chain!(String => <r#type: shout, r#match: length> | <kept: .r#match, said: typed>);
    let out = chain.invoke("hey".into()).await?;
    assert_eq!((out.kept, out.said.as_str()), (3, "HEY 3"));
    Ok(())
}
