use catena::prelude::*;
use catena_llm::prompt;

fn main() {
    let _ = chain!(String => prompt!("Answer in one sentence: {text}"));
}
