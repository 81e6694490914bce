//! The models: OpenAI's where there is a key, else simulated ones.

use catena::Result;
use catena_llm::{
    EmbeddingModel, Model, openai, openai_embeddings,
    simulator::{Answer, Request, Simulator},
};

pub(crate) struct Models {
    pub(crate) chat: Model,
    pub(crate) embeddings: EmbeddingModel,
    /// What a reader of the answer should know.
    pub(crate) note: &'static str,
    /// Runs as long as the models are used.
    _simulator: Option<Simulator>,
}

impl Models {
    pub(crate) async fn new(simulate: bool) -> Result<Self> {
        let (chat, embeddings) = (openai("gpt-4o-mini"), openai_embeddings("text-embedding-3-small"));
        if !simulate && std::env::var("OPENAI_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
            let (chat, embeddings) = (chat.build()?, embeddings.build()?);
            return Ok(Models { chat, embeddings, note: "", _simulator: None });
        }
        let simulator = Simulator::builder().respond(answer).start().await?;
        let url = simulator.openai_url();
        Ok(Models {
            chat: chat.base_url(&url).api_key("simulated").build()?,
            embeddings: embeddings.base_url(&url).api_key("simulated").build()?,
            note: "(The model is simulated: it quotes a sentence. Set OPENAI_API_KEY for a real one.)\n\n",
            _simulator: Some(simulator),
        })
    }
}

/// A simulated model quotes the sentence that has most of the question's words in it, with the number of its passage.
fn answer(request: &Request) -> Answer {
    let asked: Vec<String> = words(request.last_user()).collect();
    let instructions = request.system();
    let mut best = (0, String::new());
    let mut passage = "";
    // The first paragraph is what to do, the others are the passages.
    for line in instructions.split_once("\n\n").map_or("", |(_, passages)| passages).lines() {
        if let Some((number, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            passage = number;
            continue;
        }
        // Titles say nothing.
        if !line.ends_with('.') {
            continue;
        }
        let shared = words(line).filter(|word| asked.contains(word)).count();
        if shared > best.0 {
            best = (shared, format!("{} [{passage}]", line.trim()));
        }
    }
    Answer::new(if best.0 > 0 { best.1 } else { "The passages do not say.".to_owned() })
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3).map(str::to_lowercase)
}
