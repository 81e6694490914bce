//! Chains over types that the caller chooses, and over steps that it brings along.
use catena::prelude::*;
use std::fmt::Display;

#[runnable]
fn both<T: Display>(shown: String, value: T) -> String { format!("{shown} {value}") }

fn shown_twice<T>() -> impl Runnable<T, Output = String>
where
    T: Display + Clone + Send + Sync + 'static,
{
    chain!(T => <shown: |value: T| value.to_string(), value: _> | both)
}

fn around<S, T, E>(step: S, times: u32) -> impl Runnable<T, Output = Vec<E>>
where
    S: Runnable<T, Output = E>,
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    chain!(T => step.retry(times) | |end| vec![end.clone(), end])
}

fn main() {
    assert_eq!(shown_twice().invoke_blocking(7).ok().as_deref(), Some("7 7"));
    let chain = around(shown_twice::<char>(), 2);
    assert_eq!(chain.invoke_blocking('a').ok(), Some(vec!["a a".to_owned(), "a a".to_owned()]));
}
