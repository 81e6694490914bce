//! Manifests: what is in them, what is not, and that they can be read again.

use super::{
    combinators::{shout, words},
    models::{GPT, Routed, SONNET},
};
use catena::{Config, ErrorKind, Manifest, Router, prelude::*};
use serde_json::{Value, json};
use std::time::Duration;

fn all() -> Vec<Manifest> {
    let router = Router::new([("loud", shout.boxed()), ("gpt", GPT.retry(2).boxed())]);
    let branch = chain!(String => match { text if text.is_empty() => _, _ => shout | GPT } | |text| text.len());
    let config = Config::new().tag("night").metadata("password", "hunter2");
    vec![
        chain!(String => <gpt: GPT.retry(3), claude?: SONNET.timeout(Duration::from_secs(20))> | |r| r.gpt).manifest(),
        branch.manifest(),
        shout.fallback(GPT).race(SONNET).spawned().named("x").manifest(),
        chain!(String => shout.with_config(config) | words).map().concurrency(2).manifest(),
        chain!(Routed => router).manifest(),
        catena::parallel((shout, words)).manifest(),
        shout.manifest(),
    ]
}

#[test]
fn they_can_be_read_again() {
    for manifest in all() {
        let text = serde_json::to_string_pretty(&manifest).unwrap();
        let again: Manifest = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
        assert_eq!(again, manifest, "{text}");
        assert_eq!(again.graph().svg(), manifest.graph().svg());
        assert!(manifest.difference(&again).is_empty());
    }
}

#[test]
fn no_secret_is_in_them() {
    for manifest in all() {
        let text = manifest.json().to_string() + &format!("{manifest:?}") + &manifest.graph().svg();
        assert!(!text.contains("hunter2"), "{text}");
    }
    let json = chain!(String => GPT).manifest().json();
    assert_eq!(json["kwargs"]["api_key"], json!({ "lc": 1, "type": "secret", "id": ["OPENAI_API_KEY"] }));
    assert_eq!(json["kwargs"]["base_url"], "https://example.com/v1?key=[redacted]");
    assert_eq!(json["kwargs"]["model"], "gpt-4o");
}

#[test]
fn the_graph_is_in_them() {
    let manifest = chain!(String => shout | words).manifest();
    assert_eq!(manifest.json()["graph"]["nodes"][1]["data"]["name"], "shout");
    assert_eq!(manifest.graph().text(), chain!(String => shout | words).graph().text());
}

#[test]
fn what_is_no_manifest_is_refused() {
    let good = chain!(String => <a: shout, b: words>).manifest().json();
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut json = good.clone();
        change(&mut json);
        let error = Manifest::from_json(&json).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        error.message().to_owned()
    };
    assert_eq!(broken(&|json| *json = json!([])), "this is no manifest: the chain is not an object");
    assert_eq!(broken(&|json| *json = json!({})), "this is no manifest: the chain is not an object with `\"lc\": 1`");
    let theirs = json!({ "lc": 1, "type": "constructor", "id": ["langchain"], "kwargs": {} });
    assert!(broken(&|json| *json = theirs.clone()).contains("it was not written by Catena"));
    assert!(broken(&|json| json["catena"]["kind"] = "wheel".into()).contains("the kind `wheel`, which is not known"));
    assert!(broken(&|json| json["kwargs"] = json!({})).contains("the chain has no `kwargs.steps__`"));
    assert!(broken(&|json| json["catena"]["fields"] = json!(["a", "c"])).contains("the chain.<c> is not an object"));
}
