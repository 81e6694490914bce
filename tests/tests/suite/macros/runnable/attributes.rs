#![deny(unused_must_use)]
use super::*;

/// Adds one.
///
/// # Examples
/// ```ignore
/// plus_one.invoke(1)
/// ```
#[runnable]
#[must_use]
#[inline]
pub(super) fn plus_one(n: u32) -> u32 {
    n + 1
}

#[runnable]
#[allow(clippy::needless_pass_by_value, non_snake_case)]
fn Shout(text: String) -> String {
    text.to_uppercase()
}

#[runnable]
#[cfg(any())]
fn chosen((): ()) -> NoSuchType {}

#[runnable]
#[cfg(not(any()))]
fn chosen((): ()) -> &'static str {
    "this one"
}

#[cfg(any())]
#[runnable(retry = 2, timeout = "1s")]
fn absent<T>((): ()) -> NoSuchType<T> {}

#[runnable]
#[deprecated(note = "use `plus_one`")]
fn plus_1(n: u32) -> u32 {
    n + 1
}

#[allow(deprecated)]
#[tokio::test]
async fn attributes_and_docs_survive() -> catena::Result<()> {
    assert_eq!(plus_one.invoke(1).await?, 2);
    assert_eq!(plus_one::function(1), 2);
    assert_eq!(Shout.invoke("a".into()).await?, "A");
    assert_eq!(chosen.invoke(()).await?, "this one");
    assert_eq!(plus_1.invoke(1).await?, 2);
    Ok(())
}
