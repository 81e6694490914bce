use catena::prelude::*;
use catena_durable::DurableExt;

#[derive(Clone)]
struct Summary { text: String }

#[runnable]
async fn summarise(text: String) -> Summary { Summary { text } }

fn main() {
    let _ = chain!(String => summarise.durable("summarise/1") | |summary| summary.text);
}
