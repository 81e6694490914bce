//! The simulator, as clients see it over HTTP.
#![cfg(feature = "simulator")]

mod answers;
mod broken;
#[cfg(feature = "providers")]
mod program;
mod record;
mod refusals;
mod scripts;

use catena_llm::simulator::{Provider, Simulator};
use futures_util::StreamExt;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) const MODEL: &str = "some-model";

pub(crate) async fn simulator() -> Simulator {
    Simulator::start().await.unwrap()
}

/// A good request, with "Be brief." for instructions.
pub(crate) fn body(provider: Provider, stream: bool, user: &str) -> Value {
    match provider {
        Provider::Anthropic => json!({
            "model": MODEL, "max_tokens": 1000, "stream": stream, "system": "Be brief.",
            "messages": [{"role": "user", "content": user}],
        }),
        Provider::Gemini => json!({
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [{"role": "user", "parts": [{"text": user}]}],
        }),
        Provider::OpenAiResponses => json!({
            "model": MODEL, "stream": stream, "instructions": "Be brief.", "store": false,
            "input": [{"role": "user", "content": user}],
        }),
        _ => json!({
            "model": MODEL, "stream": stream,
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": user}],
        }),
    }
}

/// Where to send it.
pub(crate) fn url(sim: &Simulator, provider: Provider, stream: bool) -> String {
    let base = sim.base_url(provider);
    match provider {
        Provider::Anthropic => base + "messages",
        Provider::OpenAiResponses => base + "responses",
        Provider::Gemini if stream => base + &format!("models/{MODEL}:streamGenerateContent?alt=sse"),
        Provider::Gemini => base + &format!("models/{MODEL}:generateContent"),
        _ => base + "chat/completions",
    }
}

/// With the key where the provider wants it.
pub(crate) fn with_key(request: RequestBuilder, provider: Provider, key: &str) -> RequestBuilder {
    match provider {
        Provider::Anthropic => request.header("x-api-key", key).header("anthropic-version", "2023-06-01"),
        Provider::Gemini => request.header("x-goog-api-key", key),
        _ => request.bearer_auth(key),
    }
}

pub(crate) fn request(sim: &Simulator, provider: Provider, stream: bool, body: &Value) -> RequestBuilder {
    with_key(crate::client().post(url(sim, provider, stream)), provider, "secret").json(body)
}

pub(crate) async fn ask(sim: &Simulator, provider: Provider, stream: bool) -> Response {
    request(sim, provider, stream, &body(provider, stream, "Hello there")).send().await.unwrap()
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The body as far as it came, in the pieces in which it came, and whether it came to its end.
pub(crate) async fn pieces(response: Response) -> (Vec<Vec<u8>>, bool) {
    let mut stream = response.bytes_stream();
    let mut pieces = Vec::new();
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(piece) => pieces.push(piece.to_vec()),
            Err(_) => return (pieces, false),
        }
    }
    (pieces, true)
}

pub(crate) async fn text(response: Response) -> (String, bool) {
    let (pieces, complete) = pieces(response).await;
    (String::from_utf8(pieces.concat()).unwrap(), complete)
}

/// The events of a stream, as (name, data), and whether the body came to its end.
pub(crate) async fn events(response: Response) -> (Vec<(String, String)>, bool) {
    let (text, complete) = text(response).await;
    let text = text.replace("\r\n", "\n");
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        (field("event: "), field("data: "))
    };
    (text.split("\n\n").filter(|block| !block.is_empty()).map(event).collect(), complete)
}

pub(crate) fn json_of(data: &str) -> Value {
    serde_json::from_str(data).unwrap_or_else(|_| panic!("not JSON: {data}"))
}

/// The text a provider's chunks add up to; what is not JSON or no content counts for nothing.
pub(crate) fn joined(provider: Provider, events: &[(String, String)]) -> String {
    let path = match provider {
        Provider::Anthropic => "/delta/text",
        Provider::Gemini => "/candidates/0/content/parts/0/text",
        Provider::OpenAiResponses => "/delta",
        _ => "/choices/0/delta/content",
    };
    let values = events.iter().filter_map(|(_, data)| serde_json::from_str::<Value>(data).ok());
    values.filter_map(|value| Some(value.pointer(path)?.as_str()?.to_owned())).collect()
}
