//! What a run sets of its models is in the requests that the providers get.
#![cfg(all(feature = "providers", feature = "simulator"))]

use catena::{Config, ErrorKind, Keys, RunnableExt, StepExt, parallel};
use catena_llm::{
    MessageAssembler, Model, ModelKeys, Options, anthropic, gemini, keys, model_keys, openai,
    simulator::{Provider, Simulator},
};
use serde_json::{Value, json};

static GPT: ModelKeys = model_keys!("gpt");

fn gpt(sim: &Simulator) -> Model {
    let options = Options::new().temperature(1.0).max_tokens(50).stop("own");
    openai("gpt-4o-mini").base_url(sim.base_url(Provider::OpenAi)).api_key("k").options(options).build().unwrap()
}

fn sent(sim: &Simulator) -> Value {
    sim.requests().pop().unwrap().request.body
}

/// Everything that can be set.
fn everything() -> Config {
    Config::new()
        .set(&keys::TEMPERATURE, Some(0.25))
        .set(&keys::MAX_TOKENS, Some(9))
        .set(&keys::TOP_P, Some(0.5))
        .set(&keys::STOP, Some(vec!["END".to_owned()]))
}

#[tokio::test]
async fn what_a_run_sets_is_sent_called_or_streamed() {
    let sim = Simulator::start().await.unwrap();
    let model = gpt(&sim);
    model.invoke_with("?", everything().set(&keys::SEED, Some(7))).await.unwrap();
    let called = sent(&sim);
    for (name, value) in [
        ("temperature", json!(0.25)),
        ("max_tokens", json!(9)),
        ("top_p", json!(0.5)),
        ("stop", json!(["END"])),
        ("seed", json!(7)),
    ] {
        assert_eq!(called[name], value, "{name}: {called}");
    }
    let streamed = model.clone().with_config(everything());
    streamed.stream("?").assemble(MessageAssembler::default()).await.unwrap();
    let streamed = sent(&sim);
    assert_eq!((&streamed["temperature"], &streamed["stop"]), (&json!(0.25), &json!(["END"])), "{streamed}");
}

#[tokio::test]
async fn what_is_not_set_stays_as_the_model_has_it() {
    let sim = Simulator::start().await.unwrap();
    let model = gpt(&sim);
    for config in [
        Config::new(),
        Config::new().set(&keys::TEMPERATURE, None),
        Config::new().set(&keys::STOP, Some(Vec::new())),
        Config::new().tag("set, but nothing of the model"),
    ] {
        model.invoke_with("?", config).await.unwrap();
        let body = sent(&sim);
        let seen = (&body["temperature"], &body["max_tokens"], &body["stop"]);
        assert_eq!(seen, (&json!(1.0), &json!(50), &json!(["own"])), "{body}");
        assert_eq!((body.get("top_p"), body.get("seed")), (None, None), "{body}");
    }
}

#[tokio::test]
async fn each_provider_gets_it_under_its_own_name() {
    let sim = Simulator::start().await.unwrap();
    let claude =
        anthropic("claude-sonnet-4-5").base_url(sim.base_url(Provider::Anthropic)).api_key("k").build().unwrap();
    claude.invoke_with("?", everything()).await.unwrap();
    let body = sent(&sim);
    assert_eq!((&body["temperature"], &body["stop_sequences"]), (&json!(0.25), &json!(["END"])), "{body}");
    let flash = gemini("gemini-2.5-flash").base_url(sim.base_url(Provider::Gemini)).api_key("k").build().unwrap();
    flash.invoke_with("?", everything()).await.unwrap();
    let body = sent(&sim);
    assert_eq!(body.pointer("/generationConfig/maxOutputTokens"), Some(&json!(9)), "{body}");
}

#[tokio::test]
async fn the_runs_value_counts_more_than_that_of_its_part() {
    let sim = Simulator::start().await.unwrap();
    let part = gpt(&sim).with_config(Config::new().set(&keys::TEMPERATURE, Some(0.5)).set(&keys::MAX_TOKENS, Some(20)));
    part.invoke_with("?", Config::new().set(&keys::TEMPERATURE, Some(0.0))).await.unwrap();
    let body = sent(&sim);
    assert_eq!((&body["temperature"], &body["max_tokens"]), (&json!(0.0), &json!(20)), "{body}");
}

#[tokio::test]
async fn keys_of_one_model_leave_the_others_alone() {
    let sim = Simulator::start().await.unwrap();
    let other = openai("gpt-4o").base_url(sim.base_url(Provider::OpenAi)).api_key("k").build().unwrap();
    let both = parallel((gpt(&sim).with_keys(&GPT), other));
    let config = Config::new().set(&keys::TEMPERATURE, Some(0.1)).set(&GPT.temperature, Some(0.9));
    both.invoke_with("?".to_owned(), config).await.unwrap();
    let of = |model: &str| sim.requests_for(model).pop().unwrap().request.body["temperature"].clone();
    assert_eq!((of("gpt-4o-mini"), of("gpt-4o")), (json!(0.9), json!(0.1)));
}

#[tokio::test]
async fn json_sets_them_by_id() {
    let sim = Simulator::start().await.unwrap();
    let model = gpt(&sim).with_keys(&GPT);
    let keys = model.config_keys();
    let json = json!({ "configurable": { "top_p": 0.5, "gpt.max_tokens": 3, "temperature": null } });
    model.invoke_with("?".to_owned(), Config::from_json(&json, &keys).unwrap()).await.unwrap();
    let body = sent(&sim);
    let seen = (&body["top_p"], &body["max_tokens"], &body["temperature"]);
    assert_eq!(seen, (&json!(0.5), &json!(3), &json!(1.0)), "{body}");
    let refused = |configurable: Value| {
        let error = Config::from_json(&json!({ "configurable": configurable }), &keys).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        error.message().to_owned()
    };
    assert_eq!(
        refused(json!({ "gpt.max_token": 3 })),
        "there is no configurable value `gpt.max_token`: did you mean `gpt.max_tokens`?"
    );
    assert!(refused(json!({ "seed": "lucky" })).starts_with("the configurable value `seed` is \"lucky\", not "));
}

#[tokio::test]
async fn a_value_that_cannot_be_is_refused_before_anything_is_sent() {
    let sim = Simulator::start().await.unwrap();
    let error = gpt(&sim).invoke_with("?", Config::new().set(&keys::TOP_P, Some(2.0))).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.to_string().contains("`top_p` is 2"), "{error}");
    assert!(sim.requests().is_empty());
}

#[test]
fn a_chain_tells_what_its_models_take() {
    let mut collected = Keys::new();
    let model = openai("gpt-4o").api_key("k").build().unwrap().with_keys(&GPT);
    catena::Step::keys(&model.retry(2), &mut collected);
    let ids: Vec<_> = collected.ids().collect();
    let all = ["temperature", "max_tokens", "top_p", "seed", "stop", "reasoning_effort"];
    assert_eq!(ids[..all.len()], all);
    let own: Vec<_> = all.iter().map(|id| format!("gpt.{id}")).collect();
    assert_eq!(ids[all.len()..], own);
    assert_eq!(collected.schema().unwrap()["properties"]["temperature"]["title"], "Temperature");
}
