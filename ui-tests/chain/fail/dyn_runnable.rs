//! A trait object of `Runnable`.

use catena::prelude::*;

#[runnable]
fn trim(text: String) -> String {
    text.trim().to_owned()
}

fn main() {
    let steps: Vec<Box<dyn Runnable<String, Output = String>>> = vec![Box::new(trim)];
    let _ = steps.len();
}
