//! How long a drawing of thirty steps takes: `cargo run --release -p catena-graph --example speed`.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::time::Instant;

use catena_graph::{Diagram, Dot, Mermaid, Svg, Text};

fn time(what: &str, mut draw: impl FnMut() -> usize) {
    let (times, start) = (300, Instant::now());
    let bytes: usize = (0..times).map(|_| draw()).sum();
    println!("{what:24} {:>8.1} us  {:>6} bytes", start.elapsed().as_secs_f64() * 1e6 / f64::from(times), bytes / 300);
}

fn main() {
    let all = |name: &str, diagram: &Diagram| {
        println!("{name}");
        time("svg, wide and narrow", || Svg::new("x").draw(diagram).len());
        time("svg, one size", || Svg::new("x").narrow(0).draw(diagram).len());
        time("text", || Text::new(100).draw(diagram).len());
        time("mermaid", || Mermaid::new().draw(diagram).len());
        time("dot", || Dot::new().draw(diagram).len());
    };
    all("thirty steps", &samples::long());
    all("compare", &samples::compare());
}
