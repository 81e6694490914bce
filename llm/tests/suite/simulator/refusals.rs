//! Errors: requests the provider would refuse, and scripted statuses.

use std::time::Duration;

use catena_llm::simulator::{Fault, Provider, Simulator};
use serde_json::{Value, json};

use super::{MODEL, ask, body, header, request, simulator, url, with_key};

/// The status and the error of a response: what is inside its envelope.
async fn error(provider: Provider, response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    assert!(header(&response, "content-type").starts_with("application/json"));
    let body: Value = response.json().await.unwrap();
    match provider {
        Provider::Anthropic => {
            assert_eq!(body["type"], "error");
            assert!(body["request_id"].as_str().unwrap().starts_with("req_"));
            (status, body["error"].clone())
        }
        Provider::GeminiOpenAi => (status, body[0]["error"].clone()),
        _ => (status, body["error"].clone()),
    }
}

#[tokio::test]
async fn a_key_is_needed() {
    let sim = simulator().await;
    let bare = async |provider| {
        let request = crate::client().post(url(&sim, provider, false)).json(&body(provider, false, "Hello"));
        error(provider, request.send().await.unwrap()).await
    };
    let (status, openai) = bare(Provider::OpenAi).await;
    assert_eq!((status, &openai["type"], &openai["code"]), (401, &json!("invalid_request_error"), &Value::Null));
    assert!(openai["message"].as_str().unwrap().starts_with("You didn't provide an API key."));
    let (status, anthropic) = bare(Provider::Anthropic).await;
    assert_eq!(
        (status, anthropic),
        (401, json!({"type": "authentication_error", "message": "x-api-key header is required"}))
    );
    let (status, gemini) = bare(Provider::Gemini).await;
    assert_eq!((status, &gemini["code"], &gemini["status"]), (403, &json!(403), &json!("PERMISSION_DENIED")));
    let (status, compatible) = bare(Provider::GeminiOpenAi).await;
    assert_eq!((status, &compatible["status"]), (400, &json!("INVALID_ARGUMENT")));
}

#[tokio::test]
async fn a_certain_key_may_be_needed() {
    let sim = Simulator::builder().api_key("right").start().await.unwrap();
    let with = async |provider, key| {
        let request = with_key(crate::client().post(url(&sim, provider, false)), provider, key);
        request.json(&body(provider, false, "Hello")).send().await.unwrap()
    };
    for provider in Provider::ALL {
        assert_eq!(with(provider, "right").await.status(), 200);
    }
    let (status, openai) = error(Provider::OpenAi, with(Provider::OpenAi, "wrong").await).await;
    assert_eq!((status, &openai["code"]), (401, &json!("invalid_api_key")));
    let (status, anthropic) = error(Provider::Anthropic, with(Provider::Anthropic, "wrong").await).await;
    assert_eq!((status, &anthropic["message"]), (401, &json!("invalid x-api-key")));
    let (status, gemini) = error(Provider::Gemini, with(Provider::Gemini, "wrong").await).await;
    assert_eq!((status, &gemini["details"][0]["reason"]), (400, &json!("API_KEY_INVALID")));
}

#[tokio::test]
async fn anthropic_needs_its_version() {
    let sim = simulator().await;
    let request = crate::client().post(url(&sim, Provider::Anthropic, false)).header("x-api-key", "secret");
    let response = request.json(&body(Provider::Anthropic, false, "Hello")).send().await.unwrap();
    let (status, error) = error(Provider::Anthropic, response).await;
    assert_eq!((status, &error["message"]), (400, &json!("anthropic-version: header is required")));
}

#[tokio::test]
async fn bodies_are_checked() {
    let sim = simulator().await;
    for provider in Provider::ALL {
        let request = with_key(crate::client().post(url(&sim, provider, false)), provider, "secret");
        let response = request.body("{\"model\": ").send().await.unwrap();
        assert_eq!(error(provider, response).await.0, 400, "{provider}");
        assert_eq!(sim.requests().pop().unwrap().request.body, Value::Null);
    }
    let cases = [
        (Provider::OpenAi, "model", json!(null), "you must provide a model parameter"),
        (Provider::OpenAi, "messages", json!(null), "Missing required parameter: 'messages'."),
        (Provider::OpenAi, "messages", json!("Hi"), "Invalid type for 'messages': expected an array of objects"),
        (Provider::OpenAi, "messages", json!([]), "Invalid 'messages': empty array."),
        (Provider::OpenAi, "messages", json!([{"role": "me"}]), "Invalid value: 'me'. Supported values are:"),
        (Provider::OpenAiResponses, "model", json!(null), "you must provide a model parameter"),
        (Provider::OpenAiResponses, "input", json!(null), "Missing required parameter: 'input'."),
        (
            Provider::OpenAiResponses,
            "input",
            json!(7),
            "expected one of an array of objects or string, but got a number",
        ),
        (Provider::OpenAiResponses, "input", json!([{"role": "me"}]), "Invalid value: 'me'. Supported values are:"),
        (Provider::OpenAiResponses, "messages", json!([]), "this parameter has moved to 'input'"),
        (Provider::OpenAiResponses, "seed", json!(7), "Unknown parameter: 'seed'."),
        (Provider::Anthropic, "model", json!(null), "model: Field required"),
        (Provider::Anthropic, "max_tokens", json!(null), "max_tokens: Field required"),
        (Provider::Anthropic, "max_tokens", json!(0), "max_tokens: Input should be greater than or equal to 1"),
        (Provider::Anthropic, "messages", json!(null), "messages: Field required"),
        (Provider::Anthropic, "messages", json!([]), "messages: at least one message is required"),
        (Provider::Anthropic, "messages", json!([{"role": "system"}]), "messages: Unexpected role \"system\"."),
        (Provider::Gemini, "contents", json!(null), "contents is not specified"),
        (Provider::Gemini, "contents", json!([{"role": "me"}]), "Please use a valid role: user, model."),
        (Provider::GeminiOpenAi, "messages", json!(null), "messages is not specified"),
    ];
    for (provider, field, value, message) in cases {
        let mut body = body(provider, false, "Hello");
        body[field] = value;
        let response = request(&sim, provider, false, &body).send().await.unwrap();
        let (status, error) = error(provider, response).await;
        assert_eq!(status, 400);
        assert!(error["message"].as_str().unwrap().contains(message), "{provider} {field}: {error}");
    }
    assert!(sim.requests().iter().all(|recorded| recorded.request.attempt == 0));
}

#[tokio::test]
async fn unknown_models_and_urls() {
    let sim = Simulator::builder().models(["other-model"]).start().await.unwrap();
    for (provider, message) in [
        (Provider::OpenAi, "The model `some-model` does not exist"),
        (Provider::Anthropic, "model: some-model"),
        (Provider::Gemini, "models/some-model is not found for API version v1beta"),
        (Provider::GeminiOpenAi, "models/some-model is not found"),
    ] {
        let (status, body) = error(provider, ask(&sim, provider, false).await).await;
        assert_eq!(status, 404);
        assert!(body["message"].as_str().unwrap().starts_with(message), "{body}");
        let lost = with_key(crate::client().post(sim.base_url(provider) + "nowhere"), provider, "secret");
        assert_eq!(error(provider, lost.send().await.unwrap()).await.0, 404);
        assert_eq!(sim.requests().pop().unwrap().request.provider, provider);
    }
    let wrong_method = crate::client().get(sim.openai_url() + "chat/completions").send().await.unwrap();
    let (_, body) = error(Provider::OpenAi, wrong_method).await;
    assert_eq!(body["message"], "Invalid URL (GET /v1/chat/completions)");
}

#[tokio::test]
async fn statuses_in_the_providers_words() {
    let sim = simulator().await;
    let cases = [
        (Provider::OpenAi, 429, "/type", "requests"),
        (Provider::OpenAi, 429, "/code", "rate_limit_exceeded"),
        (Provider::OpenAi, 401, "/code", "invalid_api_key"),
        (Provider::OpenAi, 500, "/type", "server_error"),
        (Provider::Anthropic, 401, "/type", "authentication_error"),
        (Provider::Anthropic, 429, "/type", "rate_limit_error"),
        (Provider::Anthropic, 500, "/type", "api_error"),
        (Provider::Anthropic, 529, "/type", "overloaded_error"),
        (Provider::Anthropic, 529, "/message", "Overloaded"),
        (Provider::Gemini, 429, "/status", "RESOURCE_EXHAUSTED"),
        (Provider::Gemini, 500, "/status", "INTERNAL"),
        (Provider::Gemini, 503, "/status", "UNAVAILABLE"),
        (Provider::GeminiOpenAi, 429, "/status", "RESOURCE_EXHAUSTED"),
    ];
    for (provider, code, pointer, value) in cases {
        for stream in [false, true] {
            sim.script(MODEL).fail(Fault::status(code));
            let response = ask(&sim, provider, stream).await;
            assert!(!response.headers().contains_key("retry-after"));
            let (status, error) = error(provider, response).await;
            assert_eq!((status, error.pointer(pointer)), (code, Some(&json!(value))), "{provider}");
        }
    }
    sim.script(MODEL).fail(Fault::status(500).message("Nothing works."));
    assert_eq!(error(Provider::OpenAi, ask(&sim, Provider::OpenAi, false).await).await.1["message"], "Nothing works.");
}

#[tokio::test]
async fn when_to_try_again() {
    let sim = simulator().await;
    let limited = Fault::status(429).retry_after(Duration::from_millis(1500));
    sim.script(MODEL).fail(limited).always();
    let openai = ask(&sim, Provider::OpenAi, false).await;
    assert_eq!((header(&openai, "retry-after"), header(&openai, "retry-after-ms")), ("2", "1500"));
    assert!(openai.text().await.unwrap().contains("Please try again in 1.5s."));
    let anthropic = ask(&sim, Provider::Anthropic, true).await;
    assert_eq!((header(&anthropic, "retry-after"), header(&anthropic, "retry-after-ms")), ("2", ""));
    let gemini = ask(&sim, Provider::Gemini, true).await;
    assert_eq!(header(&gemini, "retry-after"), "");
    let retry = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"});
    assert_eq!(error(Provider::Gemini, gemini).await.1["details"], json!([retry]));
    let compatible = ask(&sim, Provider::GeminiOpenAi, false).await;
    assert_eq!(error(Provider::GeminiOpenAi, compatible).await.1["details"], json!([retry]));
}

#[tokio::test]
async fn gateways_answer_in_html() {
    let sim = simulator().await;
    for provider in Provider::ALL {
        sim.script(MODEL).fail(Fault::status(502)).fail(Fault::status(503).html());
        for code in [502, 503] {
            let response = ask(&sim, provider, true).await;
            assert_eq!((response.status().as_u16(), header(&response, "content-type")), (code, "text/html"));
            assert!(response.text().await.unwrap().contains(&format!("<h1>{code} ")));
        }
    }
}
