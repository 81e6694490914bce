//! A model takes a conversation and gives an answer.
use catena::prelude::*;
use catena_serve::Server;

#[runnable]
fn length(text: String) -> usize { text.len() }

fn main() {
    let _ = Server::new().model("length", length);
}
