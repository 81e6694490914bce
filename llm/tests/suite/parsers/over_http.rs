//! Parsers behind models, over real HTTP.

use super::{RECIPE, Recipe, tea};
use catena::{ErrorKind, Result, RunnableExt};
use catena_llm::{
    Model, Options, ResponseFormat, anthropic, gemini, gemini_openai, openai, openai_compatible,
    simulator::{Answer, Chunking, Provider, Simulator},
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn models(sim: &Simulator) -> Result<Vec<(Model, Option<&'static str>)>> {
    let url = |provider| sim.base_url(provider);
    let schema = "/response_format/json_schema/schema";
    Ok(vec![
        (openai("gpt-4o").base_url(url(Provider::OpenAi)).api_key("k").build()?, Some(schema)),
        (
            anthropic("claude-sonnet-4-5").base_url(url(Provider::Anthropic)).api_key("k").build()?,
            Some("/output_config/format/schema"),
        ),
        (
            gemini("gemini-2.5-flash").base_url(url(Provider::Gemini)).api_key("k").build()?,
            Some("/generationConfig/responseJsonSchema"),
        ),
        (gemini_openai("gemini-2.5-flash").base_url(url(Provider::GeminiOpenAi)).api_key("k").build()?, Some(schema)),
        (openai_compatible(url(Provider::OpenAi), "llama3.2").api_key("k").build()?, None),
        (openai_compatible(url(Provider::OpenAi), "qwen").api_key("k").structured_output(true).build()?, Some(schema)),
        (openai("gpt-3.5-turbo").base_url(url(Provider::OpenAi)).api_key("k").structured_output(false).build()?, None),
    ])
}

async fn simulator() -> Simulator {
    Simulator::builder().respond(|_| Answer::new(RECIPE).chunking(Chunking::Chars(5))).start().await.unwrap()
}

fn last(sim: &Simulator) -> (Value, String) {
    let request = sim.requests().pop().unwrap().request;
    (request.body.clone(), request.system())
}

#[tokio::test]
async fn the_schema_goes_where_the_provider_takes_it() {
    let sim = simulator().await;
    for (model, place) in models(&sim).unwrap() {
        let name = catena_llm::ChatModel::name(model.model()).to_owned();
        let structured = model.structured::<Recipe>();
        assert_eq!(structured.invoke("Tea?").await.unwrap(), tea(), "{name}");
        let (body, system) = last(&sim);
        let Some(place) = place else {
            assert!(system.contains("\"steps\"") && !body.to_string().contains("response_format"), "{name}: {body}");
            continue;
        };
        let schema = body.pointer(place).unwrap_or_else(|| panic!("{name}: {body:#}"));
        assert!(system.is_empty(), "{name}");
        assert_eq!(schema["additionalProperties"], json!(false), "{name}");
        assert_eq!(schema["required"].as_array().unwrap().len(), 4, "{name}: {schema}");
        let text = schema.to_string();
        assert!(!text.contains("\"format\"") && !text.contains("$schema") && !text.contains("minimum"), "{text}");
        let partials: Vec<_> = structured.stream("Tea?").map(|partial| partial.unwrap()).collect().await;
        assert!(partials.len() > 10, "{name}");
        assert_eq!(partials.into_iter().next_back().unwrap().into_complete(), Some(tea()), "{name}");
    }
}

#[tokio::test]
async fn what_a_strict_schema_cannot_say_is_told_in_the_prompt() {
    let sim = simulator().await;
    for (model, _) in models(&sim).unwrap() {
        let answer = model.structured::<BTreeMap<String, Value>>().invoke("Tea?").await.unwrap();
        assert_eq!(answer["time"], json!(12));
        let (body, system) = last(&sim);
        assert!(system.contains("additionalProperties"), "{body}");
    }
}

#[tokio::test]
async fn json_mode_is_sent_or_told() {
    let sim = simulator().await;
    for (model, place) in models(&sim).unwrap() {
        let model = model.with_options(Options::new().response_format(ResponseFormat::JsonObject));
        model.invoke("Tea as JSON?").await.unwrap();
        let (body, system) = last(&sim);
        let sent = body.pointer("/response_format/type").is_some_and(|kind| kind == "json_object");
        let has = place.is_some_and(|place| place.starts_with("/response_format"));
        assert_eq!((sent, system.contains("JSON object")), (has, !has), "{body}");
    }
    // Asked without a `Chat`, which would have told it, a form is not dropped in silence.
    let model = anthropic("claude-sonnet-4-5").base_url(sim.anthropic_url()).api_key("k").build().unwrap();
    let options = Options::new().response_format(ResponseFormat::JsonObject);
    let request = catena_llm::ChatRequest::new("?").with_options(options);
    let cx = catena::Context::default();
    let error = catena_llm::ChatModel::complete(model.model(), request, &cx).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
}
