use catena::prelude::*;

#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }

async fn answer() -> catena::Result<String> {
    let chain = chain!(String => shout);
    let answer = chain.invoke("hello".to_owned())?;
    Ok(answer)
}

fn main() {}
