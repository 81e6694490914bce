//! Manifests in LangChain's envelope: g26.

use catena::{Config, Manifest, Router, prelude::*};
use catena_tests::Cases;
use serde_json::{Map, Value, json};

/// What is put together from what: classes, and what they are made with. A single step is a step, whatever makes it one.
fn structure(json: &Value) -> Value {
    match json {
        Value::Array(items) => items.iter().map(structure).collect(),
        Value::Object(fields) if fields.get("lc").is_some() => {
            let class = json["id"].as_array().unwrap().last().unwrap().as_str().unwrap();
            let whole = ["RunnableSequence", "RunnableParallel", "RunnableBranch", "RouterRunnable", "RunnableRetry"];
            let around = ["RunnableWithFallbacks", "RunnableEach", "RunnableBinding"];
            if !whole.contains(&class) && !around.contains(&class) {
                return if class == "RunnableAssign" { class.into() } else { "step".into() };
            }
            let made_of = json["kwargs"].as_object().unwrap().iter().filter(|(name, _)| is_shared(name));
            let made_of: Map<String, Value> = made_of.map(|(name, value)| (name.clone(), structure(value))).collect();
            json!({ class: made_of })
        }
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), structure(value))).collect(),
        value => value.clone(),
    }
}

/// Which errors are retried and for which there is a fallback are functions in Catena, not classes; of delays, it says all.
fn is_shared(name: &str) -> bool {
    !["retry_exception_types", "exceptions_to_handle", "exponential_jitter_params"].contains(&name)
}

fn ours(manifest: &Manifest) -> Value {
    structure(&manifest.json())
}

#[runnable(kind = parser)]
fn parser(text: String) -> String {
    text
}

#[runnable(kind = prompt)]
fn prompt(text: String) -> String {
    text
}

#[runnable(kind = model)]
fn model(text: String) -> String {
    text
}

#[derive(Clone, Record)]
struct Routed {
    key: String,
    input: String,
}

#[test]
fn g26_manifests() {
    let mut whole = Cases::of("g26_dumpd", "");
    whole.take("dumpd");
    whole.tested_by(
        "roundtrip load(dumpd(passthrough|{a:parser,b:passthrough})).invoke('hello')",
        "graph/manifest::they_can_be_read_again",
    );
    let sequence = chain!(String => prompt | model | parser).manifest();
    let keys: Vec<String> = sequence.json().as_object().unwrap().keys().cloned().collect();
    // The recording was stripped of `graph`.
    whole.differs(
        "keys_top",
        "manifests",
        &json!(keys),
        &json!(["catena", "graph", "id", "kwargs", "lc", "name", "type"]),
    );
    let closure = chain!(String => |x| x).manifest().json();
    let lambda = whole.take("lambda_alone");
    for name in ["lc", "type", "id"] {
        assert_eq!(closure[name], lambda[name]);
    }

    let mut g26 = Cases::of("g26_dumpd", "/dumpd").each(structure);
    g26.same("prompt|model|parser", &ours(&sequence));
    let map = chain!(String => _ | <a: parser, b: |x| x>);
    let expected = json!({ "RunnableParallel": { "steps__": { "a": "step", "b": "step" } } });
    g26.differs("passthrough|{a:parser,b:lambda}", "manifests", &ours(&map.manifest()), &expected);
    let around = chain!(String => prompt | parser).retry(5).fallback(parser).with_config(Config::new().tag("t"));
    g26.but_for("retry+fallbacks+config", "manifests", &ours(&around.manifest()), |theirs| {
        let retry = &mut theirs["RunnableBinding"]["bound"]["RunnableWithFallbacks"]["runnable"]["RunnableRetry"];
        retry.as_object_mut().unwrap().remove("config");
    });
    g26.same("branch", &ours(&chain!(String => match { x if x.is_empty() => parser, _ => parser }).manifest()));
    g26.same("router", &ours(&chain!(Routed => Router::new([("k", parser.boxed())])).manifest()));
    g26.same("generator", &ours(&parser.map().manifest()));
    let assign = chain!(String => <text: _, z: parser> | .z).manifest();
    let expected = json!({ "RunnableSequence": {
        "first": { "RunnableParallel": { "steps__": { "text": "step", "z": "step" } } },
        "last": "step",
    } });
    g26.differs("assign|pick", "manifests", &ours(&assign), &expected);
}
