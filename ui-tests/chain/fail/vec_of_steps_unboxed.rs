//! A list of steps for `sequence_of`, not boxed.

use catena::{prelude::*, sequence_of};

#[runnable]
fn trim(text: String) -> String {
    text.trim().to_owned()
}

fn main() {
    let _ = sequence_of(vec![trim, trim]);
}
