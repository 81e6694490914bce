#![allow(unused)]
use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }
#[runnable]
fn show(count: usize) -> String { count.to_string() }

#[runnable]
fn answer(long: bool) -> impl Runnable<String, Output = String> {
    if long { chain!(String => shout | shout) } else { chain!(String => length | show) }
}

#[runnable]
fn chosen(way: Option<usize>) -> catena::Result<impl Runnable<String, Output = String>> {
    let Some(way) = way else { return Err("there is no way")? };
    match way {
        0 => Ok(chain!(String => shout)),
        _ => Ok(chain!(String => length | show)),
    }
}

#[runnable]
fn early(long: bool) -> impl Runnable<String, Output = String> {
    if long {
        return chain!(String => shout | shout);
    }
    chain!(String => length | show)
}

#[runnable]
fn boxed(long: bool) -> impl Runnable<String, Output = String> {
    if long { chain!(String => shout | shout).boxed() } else { chain!(String => length | show).boxed() }
}

fn main() {}
