use catena_llm::prompt;

fn main() {
    let _ = prompt!("Answer in one sentence: {text");
}
