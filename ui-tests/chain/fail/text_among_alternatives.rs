#![allow(unused)]
use catena::prelude::*;

fn main() {
    let chain = chain!(Option<Option<String>> => match {
        Some(Some("yes") | None) => |_| true,
        _ => |_| false,
    });
    let chain = chain!(Option<String> => match { all @ Some("yes") => |_| true, _ => |_| false });
}
