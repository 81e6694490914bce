//! Files that earlier versions wrote, read by this one: `compatibility/0.1/` is what 0.1 wrote. None is ever changed;
//! `WRITE_COMPATIBILITY=0.2` writes those of a new version into a folder of its own.

use catena::{EventKind, Manifest, prelude::*};
use catena_llm::{
    Message, Messages, Usage, prompt,
    testing::{CassetteMode, Reply, Scripted},
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folders of all versions.
fn versions() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/compatibility");
    if let Ok(version) = std::env::var("WRITE_COMPATIBILITY") {
        fs::create_dir_all(all.join(version)).unwrap();
    }
    let mut versions: Vec<_> = fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.sort();
    assert!(!versions.is_empty());
    versions
}

/// The JSON that a version wrote. If files of this version are written, it is this.
fn written(version: &Path, file: &str, now: &Value) -> Value {
    let path = version.join(file);
    if std::env::var("WRITE_COMPATIBILITY").is_ok_and(|new| version.ends_with(new)) {
        fs::write(&path, serde_json::to_string_pretty(now).unwrap() + "\n").unwrap();
    }
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Fails if something of `old` is missing in `new`, or is another value. What is added is not looked at.
fn still_there(old: &Value, new: &Value, at: &str) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in old {
                let at = format!("{at}.{key}");
                still_there(value, new.get(key).unwrap_or_else(|| panic!("{at} is gone")), &at);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{at}");
            old.iter().zip(new).enumerate().for_each(|(n, (old, new))| still_there(old, new, &format!("{at}[{n}]")));
        }
        _ => assert_eq!(old, new, "{at}"),
    }
}

#[derive(Clone, Record)]
struct Ask {
    text: String,
}

#[runnable(tags("count"))]
fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[runnable]
fn report(answer: Message, words: usize) -> String {
    format!("{} ({words})", answer.text())
}

fn model() -> Scripted {
    Scripted::new().named("gpt").answer(Reply::from("Paris").usage(Usage::new(5, 6)))
}

fn chain() -> impl Runnable<Ask, Output = String> + 'static {
    chain!(Ask => <answer: prompt!("Answer: {text}") | model().chat().retry(2), words: .text | words> | report)
        .named("ask")
}

#[test]
fn manifests_are_read() {
    let now = chain().manifest();
    for version in versions() {
        let old = Manifest::from_json(&written(&version, "manifest.json", &now.json())).unwrap();
        assert!(old.difference(&now).is_empty(), "{}: {}", version.display(), old.difference(&now));
    }
}

#[test]
fn graphs_have_the_same_nodes_and_edges() {
    let now = chain().graph().json();
    for version in versions() {
        still_there(&written(&version, "graph.json", &now), &now, "graph");
    }
}

#[tokio::test]
async fn events_have_the_same_fields() {
    let mut now = Vec::new();
    let chain = chain();
    let mut events = chain.events(Ask { text: "capital?".into() });
    while let Some(event) = events.try_next().await.unwrap() {
        // The branches are concurrent: of the inner events, only one of each kind.
        let whole = matches!(event.kind, EventKind::Start { .. } | EventKind::End { .. });
        let mut event = serde_json::to_value(&event).unwrap();
        let depth = event["parent_ids"].as_array().map_or(0, Vec::len);
        event["run_id"] = json!("id");
        event["parent_ids"] = json!(vec!["id"; depth]);
        if whole {
            now.push(event);
        }
    }
    now.sort_by_key(|event| (event["name"].to_string(), event["event"].to_string()));
    let now = Value::Array(now);
    for version in versions() {
        still_there(&written(&version, "events.json", &now), &now, "events");
    }
}

#[test]
fn messages_are_read() {
    let messages = [
        Message::system("Be brief."),
        Message::user("Where?"),
        Message::assistant("Paris").with_id("id-1").with_usage(Usage::new(1, 2)),
        Message::tool("call-1", "sunny"),
    ];
    let now = serde_json::to_value(&messages).unwrap();
    for version in versions() {
        let old: Vec<Message> = serde_json::from_value(written(&version, "messages.json", &now)).unwrap();
        assert_eq!(old, messages);
    }
}

#[tokio::test]
async fn cassettes_are_replayed() {
    for version in versions() {
        let path = version.join("cassette.json");
        if std::env::var("WRITE_COMPATIBILITY").is_ok_and(|new| version.ends_with(new)) {
            let recording = model().chat().on_cassette_in(CassetteMode::Record, &path).unwrap();
            recording.invoke("capital?").await.unwrap();
        }
        let unasked = Scripted::new().named("gpt");
        let replaying = unasked.chat().on_cassette_in(CassetteMode::Replay, &path).unwrap();
        let answer = replaying.invoke("capital?").await.unwrap();
        assert_eq!((answer.text(), answer.usage()), ("Paris", Some(Usage::new(5, 6))));
        assert!(unasked.requests().is_empty());
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn histories_in_sqlite_are_read() {
    use catena_llm::memory::{HistoryStore, SqliteHistory};

    let turn: Messages = [Message::user("capital?"), Message::assistant("Paris")].into();
    for version in versions() {
        let path = version.join("history.db");
        if std::env::var("WRITE_COMPATIBILITY").is_ok_and(|new| version.ends_with(new)) {
            SqliteHistory::open(&path).await.unwrap().append("anna", turn.clone()).await.unwrap();
        }
        // A copy: opening may bring the tables up to date.
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("history.db");
        fs::copy(&path, &copy).unwrap();
        assert_eq!(SqliteHistory::open(&copy).await.unwrap().get("anna").await.unwrap(), turn);
    }
}
