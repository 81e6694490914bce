//! Code that its author holds to more than the compiler asks for.
#![deny(warnings)]
#![deny(
    clippy::pedantic,
    clippy::all,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    closure_returning_async_block
)]
#![deny(rust_2018_idioms, single_use_lifetimes, unused_lifetimes, trivial_casts, let_underscore_drop)]
#![deny(clippy::shadow_unrelated, clippy::wildcard_imports, clippy::items_after_statements)]

use super::now;
use catena::prelude::*;

/// Documented.
#[derive(Debug, Clone, PartialEq, Record)]
pub(crate) struct Answers {
    /// Documented.
    pub(crate) size: usize,
    /// Documented.
    pub(crate) loud: String,
}

/// Documented.
#[runnable]
pub(crate) fn length(text: &str) -> usize {
    text.len()
}

/// Documented.
#[runnable(retry = 2, timeout = "5s")]
pub(crate) async fn shout(text: &str, cx: &Context) -> catena::Result<String> {
    let _ = cx;
    std::future::ready(Ok(text.to_uppercase())).await
}

/// Documented.
#[runnable]
pub(crate) fn merge(size: usize, loud: &str) -> String {
    format!("{size} {loud}")
}

/// Documented.
#[runnable]
pub(crate) fn letters(text: String) -> impl futures_util::Stream<Item = String> + Send {
    futures_util::stream::iter(text.chars().map(String::from).collect::<Vec<_>>())
}

/// Documented.
#[runnable]
pub(crate) fn build() -> impl Runnable<String, Output = String> {
    chain!(String =>
        <size: length, loud: shout> as Answers
        | <size: .size, loud?: .loud, both: merge>
        | <.., loud: |all| all.loud?>
        | match {
            found if found.size > 3 => .{ loud, both } | |both| both.both,
            _ => |found| async move { Ok::<_, catena::Error>(found.loud)? },
        }
    )
}

#[test]
fn every_construct_works_under_every_lint() {
    assert_eq!(now(build().invoke("to be".into())), "5 TO BE");
    let (size, loud) = (2, "NO".to_owned());
    assert_eq!(now(merge.invoke(record! { size, loud })), "2 NO");
}
