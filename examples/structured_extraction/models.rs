//! The model: a real one where there is a key, else a simulated one.

use catena::Result;
use catena_llm::{
    Model, anthropic, gemini, openai,
    simulator::{Answer, Chunking, Request, Simulator},
};
use std::time::Duration;

/// The first of the providers that there is a key for; and the simulator where there is none, for as long as it is used.
pub(crate) async fn choose(
    variables: impl Fn(&str) -> Option<String> + Clone + Send + Sync + 'static,
) -> Result<(Model, Option<Simulator>)> {
    let has = |key: &str| variables(key).is_some_and(|value| !value.trim().is_empty());
    let model = match () {
        () if has("OPENAI_API_KEY") => openai("gpt-4o-mini"),
        () if has("ANTHROPIC_API_KEY") => anthropic("claude-sonnet-4-5"),
        () if has("GEMINI_API_KEY") => gemini("gemini-2.5-flash"),
        () => {
            let simulator = Simulator::builder().respond(answer).start().await?;
            eprintln!("Asking a simulator of OpenAI's protocol at {}: set OPENAI_API_KEY for more.", simulator.url());
            simulator.script("gpt-4o-mini").answer(Answer::new(WRONG).chunking(Chunking::Chars(12)));
            let model = openai("gpt-4o-mini").base_url(simulator.openai_url()).api_key("simulated").build()?;
            return Ok((model, Some(simulator)));
        }
    };
    Ok((model.variables(variables).build()?, None))
}

/// What a simulated model knows.
fn answer(request: &Request) -> Answer {
    let asked = request.last_user();
    let text = if asked.contains("2025-117") { RIGHT } else { UNKNOWN };
    Answer::new(text).chunking(Chunking::Chars(12)).chunk_delay(Duration::from_millis(5))
}

pub(crate) const LETTER: &str = "Dear Ms Ito,

thank you for your order. For two oak chairs we ask EUR 340.00, and for bringing them EUR 25.50.
Please pay the 365.50 euros by the 14th of March 2025, and name the invoice, 2025-117.

Yours, Carpentry Holm";

/// The price is no number, and the brackets are not closed.
const WRONG: &str = r#"Here is invoice 2025-117: {"sender": "Carpentry Holm", "number": "2025-117", "items": [{"what": "two oak chairs", "price": "340 euros"}"#;

const RIGHT: &str = r#"{"sender": "Carpentry Holm", "number": "2025-117", "items": [{"what": "two oak chairs", "price": 340.0},
{"what": "bringing them", "price": 25.5}], "total": 365.5, "currency": "EUR", "due": "2025-03-14"}"#;

const UNKNOWN: &str = r#"{"sender": "a simulated model knows one letter only", "number": "", "items": [], "total": 0, "currency": "", "due": null}"#;
