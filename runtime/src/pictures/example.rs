//! Chains for these pages alone.

use crate::prelude::*;
use std::time::Duration;

/// Counts words. Only in these pages.
#[runnable]
pub fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Says it loudly. Only in these pages.
#[runnable]
pub fn shout(text: &str) -> String {
    text.to_uppercase()
}

/// Says how long a text is. Only in these pages.
#[runnable]
pub fn verdict(words: usize, shout: String, answer: crate::Result<String>) -> String {
    format!("{shout} has {words} words: {}", answer.unwrap_or_default())
}

/// Asks a model. Only in these pages.
#[runnable]
pub async fn ask(text: &str) -> crate::Result<String> {
    Ok(text.to_owned())
}

/// Knows a little. Only in these pages.
#[runnable]
pub fn backup(text: &str) -> String {
    text.to_owned()
}

/// A chain and its drawing. Only in these pages.
///
/// ```text
/// chain!(String =>
///     <
///         words: words,
///         shout: shout.retry(3),
///         answer?: |text| text + "?" | ask.timeout(Duration::from_secs(20)).fallback(backup),
///     >
///     | verdict
///     | match {
///         long if long.len() > 80 => |text| text.chars().take(80).collect(),
///         _ => _,
///     }
/// )
/// ```
#[runnable]
pub fn describe() -> impl Runnable<String, Output = String> {
    chain!(String =>
        <
            words: words,
            shout: shout.retry(3),
            answer?: |text| text + "?" | ask.timeout(Duration::from_secs(20)).fallback(backup),
        >
        | verdict
        | match {
            long if long.len() > 80 => |text: String| text.chars().take(80).collect(),
            _ => _,
        }
    )
}
