use catena::prelude::*;
use catena_llm::{Chat, ChatModel, prompt};

struct City { name: String, people: u64 }

fn build<M: ChatModel + 'static>(model: Chat<M>) {
    let _ = chain!(String => prompt!("{}") | model.structured::<City>() | |city| city.name);
}

fn main() {}
