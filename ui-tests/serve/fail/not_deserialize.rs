//! The input of a served chain has to be read.
use catena::prelude::*;
use catena_serve::Server;

#[derive(Clone, Record)]
struct Question { text: String }

#[runnable]
fn answer(question: Question) -> String { question.text }

fn main() {
    let _ = Server::new().chain("answer", answer);
}
