//! All that `#[runnable]` goes on.
#![deny(warnings)]
use catena::prelude::*;

/// Documented.
#[runnable(name = "loud", kind = tool, tags("a", "b"), timeout = "5s", retry = 2)]
pub async fn shout(text: &str) -> String {
    text.to_uppercase()
}

#[runnable]
fn nothing(_text: String) {}

#[runnable]
fn parsed<T>(text: &str, _cx: &Context) -> Result<T, T::Err>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse()
}

#[runnable]
fn show(value: impl std::fmt::Display) -> String {
    value.to_string()
}

#[runnable]
fn build() -> impl Runnable<String, Output = ()> {
    chain!(String => shout | parsed::<u32>() | show | nothing)
}

/// One of two chains, as the compiler is configured.
#[runnable]
fn configured() -> impl Runnable<String, Output = String> {
    #[cfg(windows)]
    return chain!(String => |text| text + "\r\n");
    #[cfg(not(windows))]
    chain!(String => |text| text + "\n")
}

fn main() {
    let _ = configured();
    assert_eq!(build().invoke_blocking("7".into()).ok(), Some(()));
    assert_eq!(show::function(7), "7");
}
