//! The clients: each asks for an answer, and returns the length of the text and of the arguments that it read.

mod async_openai;
mod by_hand;
mod catena;
mod genai;
mod rig;

use crate::case::Case;
use std::{future::Future, pin::Pin, rc::Rc};

pub const CLIENTS: [&str; 5] = ["by hand", "catena", "async-openai", "genai", "rig-core"];

type Asked = Pin<Box<dyn Future<Output = usize>>>;

/// A client that is set up, and what it does to ask once.
pub type Ask = Rc<dyn Fn() -> Asked>;

/// Sets a client up.
pub fn client(name: &str, case: Case, url: &str) -> Ask {
    match name {
        "catena" => catena::ask(case, url),
        "async-openai" => async_openai::ask(case, url),
        "genai" => genai::ask(case, url),
        "rig-core" => rig::ask(case, url),
        _ => by_hand::ask(case, url),
    }
}
