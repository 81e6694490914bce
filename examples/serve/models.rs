//! The models: real ones where all keys are there, else simulated ones.

use catena::Result;
use catena_llm::{
    EmbeddingModel, Model, anthropic, gemini_openai, openai, openai_embeddings,
    simulator::{Answer, Provider, Request, Role, Simulator},
};
use serde_json::json;
use std::time::Duration;

pub(crate) struct Models {
    pub(crate) gpt: Model,
    pub(crate) claude: Model,
    pub(crate) gemini: Model,
    pub(crate) embeddings: EmbeddingModel,
    /// What a reader of the answers should know.
    pub(crate) note: &'static str,
    /// Runs as long as the models are used.
    _simulator: Option<Simulator>,
}

impl Models {
    pub(crate) async fn new() -> Result<Self> {
        let has = |key: &&str| std::env::var(key).is_ok_and(|value| !value.trim().is_empty());
        if ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"].iter().all(has) {
            return Ok(Models {
                gpt: openai("gpt-4o-mini").build()?,
                claude: anthropic("claude-haiku-4-5").build()?,
                gemini: gemini_openai("gemini-2.5-flash").build()?,
                embeddings: openai_embeddings("text-embedding-3-small").build()?,
                note: "Asking the real providers.",
                _simulator: None,
            });
        }
        Models::simulated(Duration::from_millis(40)).await
    }

    /// Models of a simulator, which wait this long between two chunks.
    pub(crate) async fn simulated(pause: Duration) -> Result<Self> {
        let simulator = Simulator::builder().respond(answer).chunk_delay(pause).start().await?;
        let (openai_url, anthropic_url) = (simulator.openai_url(), simulator.anthropic_url());
        Ok(Models {
            gpt: openai("gpt-4o-mini").base_url(&openai_url).api_key("simulated").build()?,
            claude: anthropic("claude-haiku-4-5").base_url(anthropic_url).api_key("simulated").build()?,
            gemini: gemini_openai("gemini-2.5-flash")
                .base_url(simulator.gemini_openai_url())
                .api_key("simulated")
                .build()?,
            embeddings: openai_embeddings("text-embedding-3-small")
                .base_url(openai_url)
                .api_key("simulated")
                .build()?,
            note: "The models are simulated: their answers are made up. Set OPENAI_API_KEY, ANTHROPIC_API_KEY and \
                   GEMINI_API_KEY for real ones.",
            _simulator: Some(simulator),
        })
    }
}

/// What a simulated model says.
fn answer(request: &Request) -> Answer {
    let system = request.system();
    if system.starts_with("You plan excursions") {
        return excursion(request);
    }
    if let Some((_, passages)) = system.split_once("alone.\n\n") {
        let sentence = passages.lines().find(|line| line.ends_with('.')).unwrap_or("The passages do not say.");
        return Answer::new(sentence);
    }
    let asked = request.last_user().to_owned();
    Answer::new(match request.provider {
        Provider::Anthropic => format!("Of \"{asked}\" a simulated model knows nothing"),
        _ => format!("Of \"{asked}\" a simulated model knows nothing."),
    })
}

/// The agent looks up the weather, then the trains, and reads what they say.
fn excursion(request: &Request) -> Answer {
    let told = request.turns.iter().filter(|turn| turn.role == Role::Tool).map(|turn| &*turn.text).collect::<Vec<_>>();
    match told[..] {
        [] => Answer::new("Let me look at the weather. ")
            .tool_call("weather", json!({ "city": "Zurich" }))
            .tool_call("weather", json!({ "city": "Lugano" })),
        [_, _] => Answer::default().tool_call("trains", json!({ "from": "Zurich", "to": "Lugano" })),
        [_, lugano, ..] => Answer::new(format!("Go to Lugano: there it has {lugano}.")),
        [_] => Answer::new("I do not know."),
    }
}
