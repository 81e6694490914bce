//! Values that a run sets: by key, by id, for parts of a chain; alternatives; what is refused.

use catena::{BoxRunnable, Config, ConfigKey, ErrorKind, Keys, Router, prelude::*};
use futures_util::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;

static STEP: ConfigKey<i64> = ConfigKey::new("step", 1).title("Step").describe("how much is added");
static LABEL: ConfigKey<String> = ConfigKey::with("label", || "L".to_owned());
static MODEL: ConfigKey<Model> = ConfigKey::new("model", Model::Fast).options(&["fast", "smart"]);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Model {
    Fast,
    Smart,
}

#[derive(Clone)]
struct Add(i64);

#[runnable]
impl Runnable<i64> for Add {
    type Output = i64;
    async fn call(&self, input: i64, _cx: &Context) -> catena::Result<i64> {
        Ok(input + self.0)
    }
}

#[runnable]
fn labelled(n: i64, cx: &Context) -> String {
    format!("{}:{n}", cx.value(&LABEL))
}

fn add() -> impl Runnable<i64, Output = i64> + Clone {
    Add(1).configurable(&STEP, |_, step| Add(*step))
}

#[tokio::test]
async fn a_value_is_that_of_the_run_then_of_the_part_then_the_default() {
    assert_eq!(add().invoke(1).await.unwrap(), 2);
    let ten = || Config::new().set(&STEP, 10);
    assert_eq!(add().invoke_with(1, ten()).await.unwrap(), 11);
    let part = add().with_config(Config::new().set(&STEP, 5));
    assert_eq!(part.invoke(1).await.unwrap(), 6);
    assert_eq!(part.invoke_with(1, ten()).await.unwrap(), 11);
    let chain = chain!(i64 => add() | labelled);
    assert_eq!(chain.invoke_with(1, ten().set(&LABEL, "X".into())).await.unwrap(), "X:11");
    assert_eq!(chain.invoke(1).await.unwrap(), "L:2");
}

#[tokio::test]
async fn json_sets_values_by_id() {
    let chain = chain!(i64 => <sum: add(), same: add()> | |r| r.sum + r.same);
    let keys = chain.config_keys();
    assert_eq!(keys.ids().collect::<Vec<_>>(), ["step"]);
    let config = Config::from_json(&json!({ "configurable": { "step": 50 }, "deadline": 1.5 }), &keys).unwrap();
    assert_eq!(chain.invoke_with(1, config).await.unwrap(), 102);
}

#[test]
fn what_json_gets_wrong_is_named() {
    let keys = Keys::new().with(&STEP).with(&MODEL);
    let message = |json: serde_json::Value| {
        let error = Config::from_json(&json, &keys).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        error.message().to_owned()
    };
    assert_eq!(
        message(json!({ "configurable": { "stp": 1 } })),
        "there is no configurable value `stp`: did you mean `step`?"
    );
    assert_eq!(
        message(json!({ "configurable": { "step": "abc" } })),
        "the configurable value `step` is \"abc\", not i64: invalid type: string \"abc\", expected i64"
    );
    assert!(message(json!({ "configurable": { "model": "smrt" } })).ends_with("; did you mean `smart`?"));
    assert_eq!(message(json!({ "tag": [] })), "there is no setting `tag`: did you mean `tags`?");
    assert_eq!(message(json!({ "deadline": -1 })), "the setting `deadline` is -1, which is not a number of seconds");
    assert_eq!(
        message(json!({ "max_concurrency": "all" })),
        "the setting `max_concurrency` is \"all\", which is not a whole number"
    );
    assert_eq!(message(json!([])), "a configuration is a JSON object, not []");
}

#[test]
fn two_keys_of_one_id_are_refused() {
    static OTHER: ConfigKey<i64> = ConfigKey::new("step", 9);
    let keys = Keys::new().with(&STEP).with(&OTHER);
    let error = Config::from_json(&json!({ "configurable": { "step": 1 } }), &keys).unwrap_err();
    assert!(error.message().starts_with("there are two configurable values `step`"), "{error}");
    assert!(keys.schema().is_err());
}

#[tokio::test]
async fn a_key_chooses_among_alternatives_of_different_types() {
    let chain = chain!(i64 => match config(MODEL) {
        Model::Fast => |n| n + 1,
        Model::Smart => add() | add() | |n| { tokio::task::yield_now().await; n * 10 },
    });
    assert_eq!(chain.invoke(1).await.unwrap(), 2);
    let smart = || Config::new().set(&MODEL, Model::Smart);
    assert_eq!(chain.invoke_with(1, smart()).await.unwrap(), 30);
    let events: Vec<_> = chain.events(1).with(smart()).try_collect().await.unwrap();
    assert_eq!(events.last().unwrap().output(), Some(&json!(30)));
    assert_eq!(chain.config_keys().ids().collect::<Vec<_>>(), ["model", "step"]);
    let from_json = Config::from_json(&json!({ "configurable": { "model": "smart" } }), &chain.config_keys()).unwrap();
    assert_eq!(chain.invoke_with(1, from_json).await.unwrap(), 30);
}

#[test]
fn the_schema_says_what_may_be_set() {
    let chain = chain!(i64 => match config(MODEL) { Model::Fast => add(), Model::Smart => |n| n });
    let schema = chain.config_schema().unwrap();
    assert_eq!(
        schema["properties"]["configurable"]["properties"],
        json!({
            "model": { "title": "model", "default": "fast", "enum": ["fast", "smart"] },
            "step": { "title": "Step", "description": "how much is added", "default": 1, "type": "integer" },
        })
    );
    assert_eq!(schema["properties"]["max_concurrency"]["type"], "integer");
}

fn router() -> Router<i64, i64> {
    Router::new([("add", add().boxed()), ("square", chain!(i64 => |n| n * n).boxed())])
}

#[tokio::test]
async fn a_router_runs_the_step_that_the_input_names() {
    let router = router();
    assert_eq!(router.invoke(record! { key: "add", input: 3 }).await.unwrap(), 4);
    let chunks: Vec<_> = router.stream(record! { key: "square".to_owned(), input: 4 }).collect().await;
    assert_eq!(chunks.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [16]);
    let results = router.batch(["add", "no", "square"].map(|key| record! { key: key, input: 5 })).await;
    let results: Vec<_> = results.iter().map(|r| r.as_ref().map_err(catena::Error::message)).collect();
    assert_eq!(results, [Ok(&6), Err("there is no route `no`: there are `add`, `square`"), Ok(&25)]);
    assert_eq!(router.config_keys().ids().collect::<Vec<_>>(), ["step"]);
}

#[tokio::test]
async fn a_step_may_give_the_step_that_runs_next() {
    #[runnable]
    fn down(n: &i64) -> BoxRunnable<i64, i64> {
        match n {
            0 => chain!(i64 => |n| n).boxed(),
            _ => chain!(i64 => |n| n - 1 | down.then_run()).boxed(),
        }
    }
    let chain = down.then_run();
    assert_eq!(chain.invoke(5).await.unwrap(), 0);
    // Each choice is one boxed step deeper.
    let error = chain.invoke_with(5, Config::new().recursion_limit(3)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 3 });
    assert_eq!(chain.invoke_with(2, Config::new().recursion_limit(3)).await.unwrap(), 0);
    let chunks: Vec<_> = chain.stream(3).try_collect().await.unwrap();
    assert_eq!(chunks, [0]);
}
