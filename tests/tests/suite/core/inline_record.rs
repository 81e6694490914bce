//! A chain that takes any record with certain fields is looked at as one over the record that it names.

use catena::{Config, ConfigKey, prelude::*, record};
use catena_tests::secs;
use serde_json::json;

#[runnable]
fn phrase(question: &str, lang: String) -> String {
    format!("{question} ({lang})")
}

#[runnable]
fn size(text: String) -> usize {
    text.len()
}

#[derive(Clone, Record)]
struct Ask {
    question: String,
    lang: String,
    user: u32,
}

const DRAWN: &str = "{ question: String, lang: Strin… ─▶ phrase ─ String ─▶ size ─▶ usize\n";

#[tokio::test]
async fn a_chain_over_an_inline_record_is_drawn_and_described() -> catena::Result<()> {
    let chain = chain!({ question: String, lang: String } => phrase | size);
    assert_eq!(chain.graph().text(), DRAWN);
    let manifest = chain.manifest();
    assert_eq!(manifest.input(), "{ question: String, lang: String }");
    assert_eq!(manifest.json()["id"][3], "RunnableSequence");
    assert_eq!(manifest.graph().text(), DRAWN);
    assert!(chain.config_schema()?.is_object());
    // It runs on any record that has the fields.
    assert_eq!(chain.invoke(record! { lang: "en".to_owned(), question: "Why?".to_owned() }).await?, 9);
    let ask = Ask { question: "Why?".into(), lang: "en".into(), user: 1 };
    assert_eq!((chain.invoke(ask.clone()).await?, ask.user), (9, 1));
    assert_eq!(chain!(Ask => chain).manifest().input(), "Ask");
    Ok(())
}

#[test]
fn its_schemas_are_those_of_the_record() {
    let chain = chain!({ question: String, lang: Option<u32> } => .question | size);
    let input = chain.input_schema().unwrap();
    assert_eq!(input["properties"]["question"]["type"], "string");
    assert_eq!(input["required"], json!(["question", "lang"]));
    assert_eq!(chain.output_schema().unwrap()["type"], "integer");
    assert_eq!(chain.graph().json()["nodes"][0]["schema"], input);
}

#[test]
fn through_a_reference() {
    let chain = &chain!({ question: String, lang: String } => phrase | size);
    assert_eq!(chain.graph().text(), DRAWN);
    assert_eq!(chain.manifest().input(), "{ question: String, lang: String }");
}

/// Each modifier in turn.
#[test]
fn with_modifiers() {
    static DEEP: ConfigKey<bool> = ConfigKey::new("deep", false);

    let chain = || chain!({ question: String, lang: String } => phrase | size);
    assert_eq!(chain().named("ask").manifest().title(), "ask");
    let drawn = [
        chain().retry(3).graph().text(),
        chain().timeout(secs(3)).graph().text(),
        chain().fallback(chain()).graph().text(),
        chain().race(chain()).graph().text(),
        chain().tap(|_| {}).graph().text(),
        chain().with_config(Config::new().tag("a")).graph().text(),
        chain().spawned().graph().text(),
        chain().configurable(&DEEP, |chain, _| chain.clone()).graph().text(),
        chain().retry(3).timeout(secs(3)).named("ask").spawned().graph().text(),
    ];
    for drawn in drawn {
        assert!(drawn.contains("{ question: String, lang") && drawn.contains("phrase"), "{drawn}");
    }
}

/// The methods for such chains leave those of all others alone.
#[test]
fn other_chains_are_drawn_as_before() {
    fn drawn<R: Runnable<String>>(step: R) -> String {
        step.named("inner").retry(2).graph().text()
    }
    assert_eq!(drawn(size), "String ─▶ inner [retry ×2] ─▶ usize\n");
    assert_eq!(size.retry(2).named("outer").graph().text(), "String ─▶ outer [retry ×2] ─▶ usize\n");
    assert!(size.retry(2).named("outer").spawned().input_schema().is_some());
}
