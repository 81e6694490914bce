use catena::prelude::*;
use catena_llm::prompt;

#[derive(Clone, Record)]
struct Greeting { name: String, nick: Option<String> }

fn main() {
    let _ = chain!(Greeting => prompt!("Greet {name}, called {nick}"));
}
