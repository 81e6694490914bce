use catena::{Assemble, Result, Runnable, RunnableExt};
use catena_llm::{Message, MessageAssembler, MessageChunk, Messages, Model};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A case of the corpus.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) json: Value,
    folder: PathBuf,
}

/// A form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Whole,
    Stream,
}

impl Form {
    pub(crate) async fn ask<R>(self, model: &R, prompt: Messages) -> Result<Message>
    where
        R: Runnable<Messages, Output = Message, Chunk = MessageChunk>,
    {
        match self {
            Form::Whole => model.invoke(prompt).await,
            Form::Stream => {
                let mut chunks = model.stream(prompt);
                let mut message = MessageAssembler::default();
                while let Some(chunk) = futures_util::StreamExt::next(&mut chunks).await {
                    message.push(chunk?);
                }
                message.finish()
            }
        }
    }
}

impl Case {
    /// Reads all cases, sorted by name.
    pub(crate) fn all() -> Vec<Case> {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/corpus");
        let mut cases = Vec::new();
        for protocol in folders(&corpus) {
            for folder in folders(&protocol) {
                let name = folder.strip_prefix(&corpus).unwrap().display().to_string();
                let json =
                    fs::read_to_string(folder.join("case.json")).unwrap_or_else(|error| panic!("{name}: {error}"));
                let json = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
                cases.push(Case { name, json, folder });
            }
        }
        cases
    }

    /// Returns the bodies of the case, with their form.
    pub(crate) fn bodies(&self) -> Vec<(Form, Vec<u8>)> {
        let files = [(Form::Whole, "whole.json"), (Form::Stream, "stream.sse")];
        files.into_iter().filter_map(|(form, file)| Some((form, fs::read(self.folder.join(file)).ok()?))).collect()
    }

    /// Returns what is right for a form.
    pub(crate) fn right(&self, form: Form) -> Value {
        let mut right = self.json["right"].clone();
        let own = &self.json[if form == Form::Whole { "right_whole" } else { "right_stream" }];
        if own.get("error").is_some() {
            return own.clone();
        }
        for (key, value) in own.as_object().into_iter().flatten() {
            right[key] = value.clone();
        }
        right
    }

    pub(crate) fn content_type(&self, form: Form) -> String {
        let default = if form == Form::Whole { "application/json" } else { "text/event-stream" };
        self.json["content_type"].as_str().unwrap_or(default).to_owned()
    }

    pub(crate) fn status(&self) -> u64 {
        self.json["status"].as_u64().unwrap_or(200)
    }

    /// Builds the model that reads the case.
    pub(crate) fn model(&self, url: &str) -> std::result::Result<Model, String> {
        let name = self.json["model"].as_str().unwrap_or("some-model");
        let builder = match self.json["kind"].as_str().unwrap_or("compatible") {
            "openai" => catena_llm::openai(name),
            "compatible" => catena_llm::openai_compatible(url, name),
            "ollama" => catena_llm::ollama(name),
            "anthropic" => catena_llm::anthropic(name),
            "gemini" => catena_llm::gemini(name),
            "responses" => catena_llm::openai_responses(name),
            "gemini_openai" => catena_llm::gemini_openai(name),
            kind => return Err(format!("there is no kind of model `{kind}`")),
        };
        builder.api_key("sk-key").base_url(url).build().map_err(|error| error.to_string())
    }

    /// Embeds as many texts as there are vectors that are right.
    pub(crate) async fn embed(&self, url: &str) -> Result<Vec<Vec<f32>>> {
        use catena_llm::retrieval::Embedder;

        let model = catena_llm::openai_compatible_embeddings(url, "some-model").build()?;
        let texts = self.json["right"]["vectors"].as_array().map_or(0, Vec::len);
        let texts: Vec<String> = (0..texts).map(|n| format!("text {n}")).collect();
        model.embed(&texts, &catena::Context::new()).await
    }

    pub(crate) fn has_next_request(&self) -> bool {
        self.json.get("goes_back").is_some() || self.json.get("left_out").is_some()
    }

    /// Checks the request that follows the answer.
    pub(crate) fn check_request(&self, request: &str) -> std::result::Result<(), String> {
        let texts = |key: &str| -> Vec<String> {
            let list = self.json[key].as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        for text in texts("goes_back") {
            if !request.contains(&text) {
                return Err(format!("{text:?} does not go back: {request}"));
            }
        }
        match texts("left_out").into_iter().find(|text| request.contains(text)) {
            Some(text) => Err(format!("{text:?} is sent: {request}")),
            None => Ok(()),
        }
    }
}

fn folders(within: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(within).unwrap_or_else(|error| panic!("{}: {error}", within.display()));
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
