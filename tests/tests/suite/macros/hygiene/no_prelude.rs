//! A module that sees nothing of its own accord. Not even the compiler's attributes `diagnostic::..`: so there are no records,
//! maps, prompts and steps of several parameters, whose errors are worded by one.
#![no_implicit_prelude]

use ::catena::prelude::*;

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
fn whole() -> impl Runnable<::std::string::String, Output = ::std::string::String> {
    chain!(::std::string::String =>
        ask
        | pieces
        | |text| async move { ::std::format!("{}!", fetched(text).await) }
        | match {
            text if text.len() > 3 => length | Same | |size| ::std::format!("{size}"),
            _ => _,
        }
    )
}

async fn fetched(text: ::std::string::String) -> ::std::string::String {
    ::core::future::ready(text).await
}

#[::core::prelude::v1::test]
fn what_has_no_fields_works_without_a_prelude() {
    ::core::assert_eq!(super::now(whole().invoke(super::text("why"))), "4");
    ::core::assert_eq!(super::now(whole().invoke(super::text("y"))), "y!");
}
