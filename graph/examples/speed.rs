//! How long a drawing of thirty steps takes: `cargo run --release -p catena-graph --example speed`.

#[path = "../tests/suite/samples/mod.rs"]
mod samples;

use std::time::Instant;

use catena_graph::{Diagram, Dot, Mermaid, Svg, Text};

/// The fastest of many times: what else the machine does only adds.
fn time(what: &str, mut draw: impl FnMut() -> usize) {
    let mut bytes = 0;
    let mut once = || {
        let start = Instant::now();
        bytes = draw();
        start.elapsed()
    };
    let fastest = (0..300).map(|_| once()).min().unwrap_or_default();
    println!("{what:24} {:>8.1} us  {bytes:>6} bytes", fastest.as_secs_f64() * 1e6);
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
