use catena::prelude::*;

#[derive(Clone)]
struct Question { text: String, lang: String }

#[runnable]
fn phrase(text: String, lang: String) -> String { format!("[{lang}] {text}") }

fn main() {
    let _ = chain!(Question => phrase);
}
