//! A page of every sample, to be looked at: `cargo run -p catena-graph --example page -- 800 > page.html`.

#[path = "../tests/samples/mod.rs"]
mod samples;

use catena_graph::Svg;

fn main() {
    let width = std::env::args().nth(1).and_then(|width| width.parse().ok()).unwrap_or(800);
    println!("<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><body>");
    for (name, diagram) in samples::all() {
        println!("<h3>{name}</h3>{}", Svg::new(name).width(width).draw(&diagram));
    }
}
