use catena::prelude::*;
use catena_llm::parser;

struct City { name: String, people: u64 }

fn main() {
    let chain = chain!(String => parser::typed::<City>() | |city| city.people);
    let _ = chain.invoke(String::new());
}
