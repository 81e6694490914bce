//! Settings and what is configurable, as langchain-core has them: recordings g10 and g27.

use catena::{Config, ConfigKey, ErrorKind, Keys, prelude::*};
use catena_tests::{Cases, recording};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

static ADD_N: ConfigKey<i64> = ConfigKey::new("add_n", 1).title("N").describe("how much");
static LABEL: ConfigKey<String> = ConfigKey::with("lab", || "L".to_owned());

/// The recording's `Add`: a step with fields that a run may set.
#[derive(Clone)]
struct Add {
    n: i64,
    label: &'static str,
}

#[runnable]
impl Runnable<i64> for Add {
    type Output = String;
    async fn call(&self, input: i64, _cx: &Context) -> catena::Result<String> {
        Ok(format!("{}:{}", self.label, input + self.n))
    }
}

fn add(label: &'static str) -> impl Runnable<i64, Output = String> + Clone {
    Add { n: 1, label }.configurable(&ADD_N, |add, n| Add { n: *n, label: add.label })
}

fn n(value: i64) -> Config {
    Config::new().set(&ADD_N, value)
}

#[derive(Debug, PartialEq)]
struct Seen {
    tags: Vec<String>,
    metadata: Value,
    a: i64,
}

static A: ConfigKey<i64> = ConfigKey::new("a", 0);

/// What a step sees of the settings; of the metadata, what the recording has.
#[runnable]
fn look(_input: &i64, cx: &Context) -> Seen {
    let mut tags = cx.tags().to_vec();
    tags.sort();
    let metadata: Map<String, Value> = ["k", "own", "s", "c"]
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), cx.metadata(key)?.clone())))
        .collect();
    Seen { tags, metadata: metadata.into(), a: *cx.value(&A) }
}

#[tokio::test]
async fn g10_tags_unite_and_the_calls_metadata_counts() {
    let recorded = recording("g10_events_tags_metadata_runname");
    let own = look.with_config(Config::new().tag("own").metadata("k", "own").metadata("own", 1));
    let chain = chain!(i64 => |n| n | own).with_config(Config::new().tag("seqtag").metadata("s", 1));
    // The recording's own configuration, as JSON: all of its settings are known here too.
    let call = Config::from_json(&recorded["config"], &Keys::new().with(&A)).unwrap();
    let seen = chain.invoke_with(0, call).await.unwrap();
    let expected = &recorded["config_seen_by_second_step"];
    assert_eq!(json!(seen.tags), expected["tags"]);
    // `k` is what the call says, not the step: shallow merge, where what comes in with the call wins.
    assert_eq!(seen.metadata, expected["metadata"]);
    assert_eq!(json!({ "a": seen.a }), expected["configurable"]);
}

#[tokio::test]
async fn g10_the_runs_name_and_id_are_not_inherited() {
    let recorded = recording("g10_events_tags_metadata_runname");
    assert_eq!(recorded["config_seen_by_second_step"]["run_name"], Value::Null);
    let chain = chain!(i64 => |n| n | <a: |_| Err::<i64, _>(catena::Error::msg("no"))?>);
    let error = chain.invoke_with(0, Config::from_json(&json!({ "run_name": "ROOT" }), &Keys::new()).unwrap()).await;
    let path = error.unwrap_err().path();
    assert_eq!(path.matches("ROOT").count(), 1, "{path}");
    assert!(path.starts_with("ROOT."), "{path}");
}

#[tokio::test]
async fn g27_fields() {
    let recorded = recording("g27_configurable");
    let fields = &recorded["cases"]["fields"];
    let add = add("L");
    let part = add.clone().with_config(n(5));
    for (case, got) in [
        ("default", add.invoke(1).await),
        ("configured", add.invoke_with(1, n(10)).await),
        ("with_config", part.invoke(1).await),
        ("call overrides with_config", part.invoke_with(1, n(7)).await),
    ] {
        assert_eq!(json!(got.unwrap()), fields[case]["ok"], "{case}");
    }
}

#[tokio::test]
async fn g27_fields_in_a_chain_and_shared_by_branches() {
    let recorded = recording("g27_configurable");
    let cases = &recorded["cases"];
    let chain = chain!(i64 => |n| n | add("L") | |text| text + "!");
    assert_eq!(json!(chain.invoke_with(1, n(3)).await.unwrap()), cases["in chain"]["configured"]["ok"]);
    assert_eq!(json!(chain.config_keys().ids().collect::<Vec<_>>()), cases["in chain"]["config_specs"]);
    let both = chain!(i64 => <a: add("L"), b: add("B")>);
    let out = both.invoke_with(1, n(50)).await.unwrap();
    assert_eq!(json!({ "a": out.a, "b": out.b }), cases["same id shared across branches"]["ok"]);
    assert_eq!(both.config_keys().ids().collect::<Vec<_>>(), ["add_n"]);
}

#[test]
fn g27_what_json_gets_wrong() {
    let recorded = recording("g27_configurable");
    let fields = &recorded["cases"]["fields"];
    let keys = add("L").config_keys();
    let refused = |configurable: Value| {
        let error = Config::from_json(&json!({ "configurable": configurable }), &keys).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        error.message().to_owned()
    };
    assert!(fields["wrong type -> validation error"]["err_type"].is_string());
    assert!(refused(json!({ "add_n": "abc" })).starts_with("the configurable value `add_n` is \"abc\", not i64"));
    // Differs: langchain-core ignores a key that it does not know, and so a misspelt one; here it is refused.
    assert!(fields["unknown key ignored"]["ok"].is_string());
    assert_eq!(refused(json!({ "zzz": 10 })), "there is no configurable value `zzz`: there are `add_n`");
}

#[test]
fn g27_conflicting_keys_are_an_error_when_they_are_used() {
    static OTHER: ConfigKey<i64> = ConfigKey::new("add_n", 9);
    let recorded = recording("g27_configurable");
    assert_eq!(recorded["cases"]["conflicting specs"]["err_type"], "ValueError");
    let other = Add { n: 9, label: "L" }.configurable(&OTHER, |add, n| Add { n: *n, label: add.label });
    let chain = chain!(i64 => <a: add("L"), b: other>);
    let error = chain.config_schema().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains("`add_n`"), "{error}");
    assert!(Config::from_json(&json!({ "configurable": { "add_n": 1 } }), &chain.config_keys()).is_err());
}

#[test]
fn g27_the_schema_has_the_recorded_properties() {
    let recorded = recording("g27_configurable");
    let expected = &recorded["cases"]["fields"]["config_schema"];
    let schema = add("L").config_schema().unwrap();
    let ours = &schema["properties"]["configurable"];
    let theirs = &expected["$defs"]["Configurable"];
    for part in ["properties", "title", "type"] {
        assert_eq!(ours[part], theirs[part], "{part}");
    }
    // Differs: not a reference to a definition, and unknown names are refused, so the schema says so.
    assert_eq!(ours["additionalProperties"], false);
    // The keys' own types, where they are told.
    let typed = Keys::new().with_schema(&ADD_N).with_schema(&LABEL).schema().unwrap();
    assert_eq!(typed["properties"]["add_n"]["format"], "int64");
    assert_eq!(typed["properties"]["add_n"]["title"], theirs["properties"]["add_n"]["title"]);
    assert_eq!(typed["properties"]["lab"]["default"], "L");
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Label {
    X,
    Y,
}

static ONE_OF: ConfigKey<Label> = ConfigKey::new("lab", Label::X).options(&["x", "y"]);

#[tokio::test]
async fn g27_one_of_several_values() {
    let mut cases = Cases::of("g27_configurable", "/cases/single_option");
    let add = Add { n: 1, label: "XX" }.configurable(&ONE_OF, |add, label| {
        let label = match label {
            Label::X => "XX",
            Label::Y => "YY",
        };
        Add { n: add.n, label }
    });
    let set = |label: &str| Config::from_json(&json!({ "configurable": { "lab": label } }), &add.config_keys());
    cases.same("default", &json!({ "ok": add.invoke(1).await.unwrap() }));
    cases.same("y", &json!({ "ok": add.invoke_with(1, set("y").unwrap()).await.unwrap() }));
    assert!(cases.take("bad")["err"].is_object());
    assert_eq!(set("q").unwrap_err().kind(), &ErrorKind::BadInput);
    let spec = &cases.take("specs")[0];
    let schema = add.config_schema().unwrap();
    let ours = &schema["properties"]["configurable"]["properties"][spec["id"].as_str().unwrap()];
    assert_eq!(ours["default"], spec["default"]);
}

/// The cases of g27, by the tests that run them.
#[test]
fn g27_each_case_has_a_test() {
    let mut parts = Cases::of("g27_configurable", "/cases");
    parts.tested_by("single_option", "config_conformance::g27_one_of_several_values");
    parts.tested_by("in chain", "config_conformance::g27_fields_in_a_chain_and_shared_by_branches");
    parts.tested_by(
        "same id shared across branches",
        "config_conformance::g27_fields_in_a_chain_and_shared_by_branches",
    );
    parts.tested_by("conflicting specs", "config_conformance::g27_conflicting_keys_are_an_error_when_they_are_used");
    parts.take("fields");
    let mut fields = Cases::of("g27_configurable", "/cases/fields");
    for case in ["default", "configured", "with_config", "call overrides with_config"] {
        fields.tested_by(case, "config_conformance::g27_fields");
    }
    for case in ["wrong type -> validation error", "unknown key ignored"] {
        fields.tested_by(case, "config_conformance::g27_what_json_gets_wrong");
    }
    for case in ["config_specs", "config_schema"] {
        fields.tested_by(case, "config_conformance::g27_the_schema_has_the_recorded_properties");
    }
    fields.tested_by("batch per-item configs", "batch::each_item_may_have_settings_of_its_own");
    // What a key sets is written in Rust.
    fields.elsewhere("bad field name", "unknown keys of a configuration");
    parts.take("alternatives");
    let mut alternatives = Cases::of("g27_configurable", "/cases/alternatives");
    for case in ["default", "add1", "ten", "fac", "lam"] {
        alternatives.tested_by(case, "alternatives::g27_the_key_chooses_which_runs");
    }
    alternatives.tested_by("bogus", "alternatives::g27_an_unknown_one_is_refused_before_the_run_with_those_there_are");
    alternatives.tested_by("config_specs", "alternatives::g27_the_alternatives_are_in_the_schema");
    alternatives.tested_by("stream ten", "alternatives::g27_it_streams_as_the_chosen_one_does");
    parts.take("prefix_keys");
    let mut prefixed = Cases::of("g27_configurable", "/cases/prefix_keys");
    for case in prefixed.names() {
        prefixed.tested_by(&case, "alternatives::g27_keys_of_one_alternative_are_keys_of_their_own");
    }
}
