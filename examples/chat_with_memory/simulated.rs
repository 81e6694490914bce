//! The model: OpenAI's where there is a key, else a simulated one.

use catena::Result;
use catena_llm::{
    Model, openai,
    simulator::{Answer, Request, Role, Simulator},
};
use std::time::Duration;

/// The model, and the simulator that runs as long as it is used.
pub(crate) async fn model(simulate: bool) -> Result<(Model, Option<Simulator>)> {
    let gpt = openai("gpt-4o-mini");
    if !simulate && std::env::var("OPENAI_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return Ok((gpt.build()?, None));
    }
    let simulator = Simulator::builder().chunk_delay(Duration::from_millis(15)).respond(answer).start().await?;
    Ok((gpt.base_url(simulator.openai_url()).api_key("simulated").build()?, Some(simulator)))
}

/// A simulated model knows your name, if you said it, and the first thing that you said.
fn answer(request: &Request) -> Answer {
    let said: Vec<&str> =
        request.turns.iter().filter(|turn| turn.role == Role::User).map(|turn| turn.text.trim()).collect();
    let name = said.iter().rev().find_map(|said| {
        let (_, after) = said.split_once("y name is ")?;
        Some(after.trim_end_matches(['.', '!', '?']))
    });
    let greeting = name.map_or_else(|| "Hello".to_owned(), |name| format!("Hello, {name}"));
    Answer::new(match said.as_slice() {
        [first, .., _] => format!("{greeting}. That was line {} of yours; the first was: {first}", said.len()),
        _ => format!("{greeting}. (I am simulated: set OPENAI_API_KEY for a model that understands you.)"),
    })
}
