#![allow(unused)]
use catena::prelude::*;

#[runnable]
async fn shout<'a>(text: &'a str, cx: &'a Context) -> String { text.to_uppercase() }
#[runnable]
fn count<'cx>(text: &str, cx: &'cx Context) -> usize { text.len() }

fn main() {}
