//! Models and prompts in graphs and manifests, without their secrets.
#![cfg(feature = "providers")]

use catena::{Manifest, prelude::*};
use catena_llm::{Model, Options, anthropic, openai, openai_compatible, prompt};
use std::time::Duration;

#[derive(Clone, Record)]
struct Question {
    text: String,
}

fn gpt(name: &str) -> Model {
    let options = Options::new().temperature(0.2).max_tokens(200).stop("END");
    openai(name)
        .variables(|name| (name == "OPENAI_API_KEY").then(|| "sk-hunter2".into()))
        .options(options)
        .build()
        .unwrap()
}

fn manifest(model: &str) -> Manifest {
    let gpt = gpt(model);
    let claude = anthropic("claude-sonnet-4-5").api_key("hunter2").build().unwrap();
    let local = openai_compatible("http://localhost:8080/v1?key=hunter2", "llama").build().unwrap();
    chain!(Question =>
        prompt!("Answer in one sentence: {text}")
        | <gpt: gpt.timeout(Duration::from_secs(30)).retry(3), claude?: claude, local: local>
        | |answers| answers.gpt
    )
    .manifest()
}

#[test]
fn models_tell_what_they_are() {
    let graph = manifest("gpt-4o").graph();
    assert_eq!(graph.text_of_width(120), include_str!("goldens/models.txt"));
    let lines = "gpt-4o<br/>model<br/>OpenAI<br/>max tokens 200<br/>stop END<br/>temperature 0.2";
    assert!(graph.mermaid().contains(lines), "{}", graph.mermaid());
}

#[test]
fn keys_are_marked_and_never_there() {
    let manifest = manifest("gpt-4o");
    let text = manifest.json().to_string() + &format!("{manifest:?}{}", manifest.graph().svg());
    assert!(!text.contains("hunter2"), "{text}");
    let json = manifest.json();
    let steps = &json["kwargs"]["middle"][0]["kwargs"]["steps__"];
    let gpt = &steps["gpt"]["kwargs"]["bound"]["kwargs"]["bound"];
    assert_eq!(gpt["id"][3], "ChatOpenAI");
    assert_eq!(gpt["type"], "constructor");
    assert_eq!(gpt["kwargs"]["model"], "gpt-4o");
    assert_eq!(gpt["kwargs"]["temperature"], 0.2);
    assert_eq!(gpt["kwargs"]["openai_api_key"]["id"][0], "OPENAI_API_KEY");
    assert_eq!(steps["claude"]["kwargs"]["anthropic_api_key"]["type"], "secret");
    assert_eq!(steps["local"]["kwargs"]["base_url"], "http://localhost:8080/v1/?key=[redacted]");
    assert_eq!(json["kwargs"]["first"]["kwargs"]["template"], "Answer in one sentence: {text}");
}

#[test]
fn another_model_is_a_change() {
    let difference = manifest("gpt-4o").difference(&manifest("gpt-5"));
    assert_eq!(difference.to_string(), "<gpt>.gpt-4o: model gpt-4o -> gpt-5\n");
}
