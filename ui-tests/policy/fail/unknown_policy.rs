use catena::prelude::*;

#[runnable(deny(untimed_models))]
fn near() -> impl Runnable<String> {
    chain!(String => |text| text)
}

#[runnable(deny(no_race, untimed_model))]
fn far() -> impl Runnable<String> {
    chain!(String => |text| text)
}

#[runnable(deny())]
fn nothing() -> impl Runnable<String> {
    chain!(String => |text| text)
}

fn main() {}
