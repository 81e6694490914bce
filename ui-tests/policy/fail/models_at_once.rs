use catena::prelude::*;

#[runnable(kind = model)]
async fn ask(question: String) -> String { question }

#[runnable(deny(more_models_than::<2>))]
fn compare() -> impl Runnable<String> {
    chain!(String => <a: ask, b: ask, c: ask>)
}

#[runnable(deny(more_models_than::<9>))]
fn each() -> impl Runnable<Vec<String>> {
    ask.map()
}

fn main() { compare(); each(); }
