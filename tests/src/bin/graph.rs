//! The program that `graph_main!` makes, for the tests that run it.

use catena::{Result, graph_main, prelude::*};
use std::time::Duration;

#[runnable]
async fn ask(question: &str) -> String {
    format!("{question} indeed")
}

#[runnable]
fn longer(one: String, two: String) -> String {
    if one.len() > two.len() { one } else { two }
}

#[runnable]
fn compare() -> impl Runnable<String, Output = String> {
    chain!(String => <one: ask.retry(3), two: ask.timeout(Duration::from_secs(20))> | longer)
}

fn unset() -> Result<u32> {
    Ok("many".parse()?)
}

graph_main!(compare, patient = ask.retry(5), broken = ask.retry(unset()?));
