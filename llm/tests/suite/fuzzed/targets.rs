//! What reads bytes of others, as functions of any bytes. The targets of `cargo fuzz` and a test with a generator of its
//! own call them.

use catena::{Config, ConfigKey, Manifest, RunnableExt, chain, runnable};
use catena_llm::{Redactor, Template, parser, parser::OutputParser, parser::Reader};
use serde_json::{Value, json};

/// A target: its name, which is that of its corpus, and the function.
pub(crate) type Target = (&'static str, fn(&[u8]));

pub(crate) const TARGETS: [Target; 9] = [
    ("anthropic", |bytes| catena_llm::__private::read_bytes("anthropic", bytes)),
    ("gemini", |bytes| catena_llm::__private::read_bytes("gemini", bytes)),
    ("openai_chat", |bytes| catena_llm::__private::read_bytes("openai_chat", bytes)),
    ("openai_responses", |bytes| catena_llm::__private::read_bytes("openai_responses", bytes)),
    ("json", json_of_a_model),
    ("manifest", manifest),
    ("config", config),
    ("template", template),
    ("redactor", redactor),
];

/// An answer that should be JSON: it is read in the same way whole and in pieces.
pub(crate) fn json_of_a_model(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let whole = parser::Json.parse(&text);
    let mut reader = parser::Json.reader();
    let mut last = None;
    for piece in text.split_inclusive([' ', '"', ',', '}']) {
        let _ = reader.push(piece, &mut |value| last = Some(value));
    }
    match (reader.finish(&mut |value| last = Some(value)), whole) {
        (Ok(()), Ok(whole)) => assert_eq!(last, Some(whole)),
        (pieces, whole) => assert_eq!(pieces.is_ok(), whole.is_ok()),
    }
}

#[runnable]
fn trim(text: String) -> String {
    text.trim().to_owned()
}

/// A manifest from a file: it is refused, or written as it was read, and compared with another.
pub(crate) fn manifest(bytes: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else { return };
    let Ok(manifest) = Manifest::from_json(&json) else { return };
    let written = manifest.json();
    assert_eq!(Manifest::from_json(&written).map(|manifest| manifest.json()).ok(), Some(written));
    let other = chain!(String => trim | trim).manifest();
    for difference in [manifest.difference(&other), other.difference(&manifest)] {
        for line in difference.to_string().lines() {
            assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        }
    }
    assert!(manifest.difference(&manifest).is_empty());
}

static STYLE: ConfigKey<String> = ConfigKey::with("style", String::new);
static HEAT: ConfigKey<f64> = ConfigKey::new("heat", 0.5);

/// A configuration from a client: it is refused in few words, or a run under it ends.
pub(crate) fn config(bytes: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else { return };
    let mut keys = catena::Keys::default();
    keys.add(&STYLE);
    keys.add(&HEAT);
    match Config::from_json(&json, &keys) {
        Ok(config) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let _ = runtime.block_on(trim.invoke_with(" a ".to_owned(), config));
        }
        Err(error) => assert!(error.to_string().len() < 4000, "{error}"),
    }
}

/// A template from a file: it is refused, or rendered within its bounds.
pub(crate) fn template(bytes: &[u8]) {
    let Ok(template) = Template::new(String::from_utf8_lossy(bytes)) else { return };
    let template = template.max_instructions(20_000).max_bytes(100_000);
    let _ = template.variables();
    let input = json!({ "question": "Why {{ not }}?", "items": [1, "two", null], "user": { "name": "Anna" } });
    if let Ok(text) = template.render(&input) {
        assert!(text.len() <= 100_000);
    }
}

/// A text with a secret in it, in some encoding: it is gone, and the rest is text.
pub(crate) fn redactor(bytes: &[u8]) {
    const SECRET: &str = "hunter2/hunter2+x";
    let mut redactor = Redactor::new();
    redactor.add(SECRET);
    let text = String::from_utf8_lossy(bytes);
    let clean = redactor.clean_keys(&text);
    assert!(!clean.contains(SECRET), "{clean}");
    assert_eq!(redactor.clean_keys(&clean), clean);
}
