use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }

struct Service { name: String }

fn main() {
    let service = Service { name: "loud".to_owned() };
    let _ = service.stream("text".to_owned());
}
