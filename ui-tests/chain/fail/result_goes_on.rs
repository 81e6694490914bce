use catena::prelude::*;

fn read(path: &str) -> std::io::Result<String> { std::fs::read_to_string(path) }

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }

fn main() {
    let _ = chain!(String => |path| read(&path) | shout);
}
