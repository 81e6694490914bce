//! A page of samples, to be looked at: `cargo run -p catena-graph --example page -- 800 compare robust > page.html`.

#[path = "../tests/suite/samples/mod.rs"]
mod samples;

use catena_graph::Svg;

fn main() {
    let width = std::env::args().nth(1).and_then(|width| width.parse().ok()).unwrap_or(800);
    let names: Vec<String> = std::env::args().skip(2).collect();
    println!("<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><body>");
    for (name, diagram) in samples::all() {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            println!("<h3>{name}</h3>{}", Svg::new(name).width(width).draw(&diagram));
        }
    }
}
