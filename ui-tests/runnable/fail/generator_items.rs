use catena::prelude::*;
use futures_util::Stream;

struct Token(u32);

#[runnable]
fn tokens(text: String) -> impl Stream<Item = Token> { futures_util::stream::iter([Token(text.len() as u32)]) }

fn main() {}
