use catena::prelude::*;

#[runnable]
async fn ask(question: String) -> String { question }

fn main() {
    let _ = ask.retry(Retry::times::<0>());
}
