use catena::prelude::*;
use catena_durable::DurableExt;

#[derive(Clone)]
struct Page { text: String }

#[runnable]
async fn summarise(page: Page) -> String { page.text }

fn main() {
    let _ = chain!(Page => summarise.durable("summarise/1"));
}
