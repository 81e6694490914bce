//! Every sample as text: `cargo run -p catena-graph --example text -- 100`.

#[path = "../tests/suite/samples/mod.rs"]
mod samples;

use catena_graph::Text;

fn main() {
    let width = std::env::args().nth(1).and_then(|width| width.parse().ok()).unwrap_or(100);
    for (name, diagram) in samples::all() {
        println!("# {name}\n\n{}", Text::new(width).draw(&diagram));
    }
}
