//! Variables, types and functions of the user's with the names that an expansion might use itself.
#![allow(dead_code, non_camel_case_types)]

use super::now;
use catena::prelude::*;

struct Result;
struct Option;
struct Vec;
struct String;
struct Box;
struct Clone;
struct Send;
struct Names;
struct Parallel;
struct Chunk;
struct Form;
struct T0;
struct __Up;
enum Shadowed {
    Ok,
    Err,
    Some,
    None,
}
#[allow(unused_imports)]
use Shadowed::*;

mod core {}
mod std {}

type Text = ::std::string::String;

#[derive(::core::clone::Clone, Record)]
struct Question {
    cx: Text,
    input: usize,
}

#[runnable]
fn length(cx: &str) -> usize {
    cx.len()
}

#[runnable]
fn both(input: usize, cx: &str) -> Text {
    ::std::format!("{input} {cx}")
}

#[runnable(retry = 2, timeout = "5s", name = "Ok")]
async fn fallible(chunks: Text, cx: &Context) -> ::core::result::Result<Text, ::catena::Error> {
    let _ = cx;
    ::core::result::Result::Ok(chunks)
}

#[test]
fn variables_with_the_names_of_an_expansion() {
    let (cx, input, __s0, __flow1, __step2, __words, record, chunk, value, n) = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    let chain = chain!(Text =>
        <input: length, cx: fallible, sum: |_| cx + input + __s0 + __flow1 + __step2 + __words + record + chunk + value>
        | match {
            found if found.sum == n => |_| Text::new(),
            __value => both,
        }
        | |__input| ::std::format!("{__input} {input}")
    );
    assert_eq!(now(chain.invoke(Text::from("to be"))), "5 to be 2");
}

#[test]
fn fields_with_the_names_of_an_expansion() {
    let chain = chain!(Question =>
        <cx: .cx, input: .input, self_: |q| q.input, r#type: |q| q.cx, out: .input, Ok: .cx, T0: .input, S: .cx>
        | .{ r#type, out, T0 }
        | |r| ::std::format!("{}{}{}", r.r#type, r.out, r.T0)
    );
    assert_eq!(now(chain.invoke(Question { cx: Text::from("a"), input: 1 })), "a11");
    let (see, copy) = (1, 2);
    let record = record! { see, copy, chunk: 3, value: 4 };
    assert_eq!(record.see + record.copy + record.chunk + record.value, 10);
}
