//! A module that sees nothing of its own accord. Not even the compiler's attributes `diagnostic::..`: so there are no steps of
//! several parameters, whose errors are worded by one.
#![no_implicit_prelude]

use ::catena::prelude::*;

#[derive(::core::clone::Clone, Record)]
struct Question {
    text: ::std::string::String,
    size: usize,
}

#[runnable]
fn length(text: &str) -> usize {
    text.len()
}

#[runnable(retry = 3, timeout = "5s", tags("a"), kind = tool)]
async fn ask(
    text: ::std::string::String,
    cx: &Context,
) -> ::core::result::Result<::std::string::String, ::catena::Error> {
    let _ = cx;
    ::core::result::Result::Ok(text)
}

#[runnable]
fn pieces(
    text: ::std::string::String,
) -> impl ::futures_util::Stream<Item = ::catena::Result<::std::string::String>> + ::core::marker::Send {
    ::futures_util::stream::iter([::core::result::Result::Ok(text)])
}

struct Same;

#[runnable]
impl Runnable<usize> for Same {
    type Output = usize;
    async fn call(&self, input: usize, _: &Context) -> ::catena::Result<usize> {
        ::core::result::Result::Ok(input)
    }
}

#[runnable(deny(untimed_model))]
fn whole() -> impl Runnable<Question, Output = ::std::string::String> {
    chain!(Question =>
        <text: .text | ask | pieces, size?: .size | Same, copy: _>
        | <.., size: |all| all.size.unwrap_or_else(|_| 0)>
        | .{ text, size }
        | <text: .text, size: .size> as Question
        | match {
            Question { text, size } if size > 3 => |both| ::std::format!("{} {}", both.text, both.size),
            _ => |question| question.text,
        }
        | |text| async move { ::std::format!("{}!", fetched(text).await) }
    )
}

async fn fetched(text: ::std::string::String) -> ::std::string::String {
    text
}

#[::core::prelude::v1::test]
fn every_construct_works_without_a_prelude() {
    let question = Question { text: super::text("why"), size: 4 };
    ::core::assert_eq!(super::now(whole().invoke(question)), "why 4!");
    let (text, size) = (super::text("why"), 1);
    let picked = chain!({ text: ::std::string::String } => .text | length);
    ::core::assert_eq!(super::now(picked.invoke(record! { text, size })), 3);
    let prompt = chain!(::std::string::String => length | Same);
    ::core::assert_eq!(super::now(prompt.invoke(super::text("why"))), 3);
}
