//! The output of a served chain has to be written.
use catena::prelude::*;
use catena_serve::Server;

struct Verdict;

#[runnable]
fn judge(_text: String) -> Verdict { Verdict }

fn main() {
    let _ = Server::new().chain("judge", judge);
}
