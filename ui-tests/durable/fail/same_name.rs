use catena::prelude::*;
use catena_durable::DurableExt;

#[runnable]
async fn extract(text: &str) -> String { text.to_owned() }
#[runnable]
async fn translate(text: &str) -> String { text.to_owned() }

fn main() {
    let _ = chain!(String =>
        extract.durable("step/1")
        | <long: translate.durable("translate/1"), short: translate.retry(3).durable("step/1")>);
}
