use catena::prelude::*;

#[runnable(deny(untimed_model))]
fn step(text: String) -> String { text }

#[runnable(idempotent)]
fn build() -> impl Runnable<String> {
    chain!(String => |text| text)
}

fn main() {}
