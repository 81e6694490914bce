//! Embeddings in OpenAI's and Gemini's protocols. Texts that share words have similar vectors.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{Problem, Reply, kind, text_of};
use crate::retrieval::HashingEmbedder;
use crate::simulator::{Request, Role, Turn};

/// The default length of a vector. Real models have longer ones, which a simulator need not send.
const DIMENSIONS: usize = 256;

/// The maximum number of texts in a request to OpenAI.
const MOST: usize = 2048;

/// Returns whether a request of OpenAI's protocol is for embeddings.
pub(super) fn is_openai(request: &Request) -> bool {
    request.path.ends_with("/embeddings")
}

pub(super) fn read_openai(body: &Value, request: &mut Request) -> Result<(), Problem> {
    let invalid = |why: &str| Problem::Invalid("input".to_owned(), why.to_owned());
    let texts = match &body["input"] {
        Value::Null => return Err(Problem::Missing("input")),
        Value::String(_) => std::slice::from_ref(&body["input"]),
        Value::Array(texts) if texts.is_empty() => return Err(invalid("empty array. It has to have an element")),
        Value::Array(texts) if texts.len() > MOST => {
            return Err(invalid("array too long. Expected an array with maximum length 2048"));
        }
        Value::Array(texts) => texts,
        other => return Err(invalid(&format!("expected a string or an array, but got {} instead", kind(other)))),
    };
    for text in texts {
        match text.as_str() {
            Some("") => return Err(invalid("input cannot be an empty string")),
            Some(text) => request.turns.push(Turn::new(Role::User, text)),
            None => return Err(invalid(&format!("expected a string, but got {} instead", kind(text)))),
        }
    }
    Ok(())
}

pub(super) fn answer_openai(request: &Request, reply: &Reply) -> Value {
    let as_base64 = request.body["encoding_format"] == "base64";
    let data = |(index, vector): (usize, Vec<f32>)| {
        let embedding = if as_base64 {
            STANDARD.encode(vector.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>()).into()
        } else {
            json!(vector)
        };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    };
    json!({
        "object": "list",
        "data": vectors(request, &request.body["dimensions"]).enumerate().map(data).collect::<Vec<_>>(),
        "model": request.model,
        "usage": {"prompt_tokens": reply.prompt_tokens, "total_tokens": reply.prompt_tokens},
    })
}

/// Returns whether a method of Gemini's protocol is for embeddings.
pub(super) fn is_gemini(method: &str) -> bool {
    matches!(method, "embedContent" | "batchEmbedContents")
}

pub(super) fn read_gemini(method: &str, body: &Value, request: &mut Request) -> Result<(), Problem> {
    let contents = match &body["requests"] {
        _ if method == "embedContent" => std::slice::from_ref(body),
        Value::Array(requests) if !requests.is_empty() => requests,
        _ => return Err(Problem::Missing("requests")),
    };
    for content in contents {
        match text_of(&content["content"]["parts"]) {
            text if text.is_empty() => return Err(Problem::Missing("content")),
            text => request.turns.push(Turn::new(Role::User, text)),
        }
    }
    Ok(())
}

pub(super) fn answer_gemini(method: &str, request: &Request) -> Value {
    let body = &request.body;
    if method == "embedContent" {
        let values = vectors(request, &body["outputDimensionality"]).next();
        return json!({"embedding": {"values": values}});
    }
    let values = vectors(request, &body["requests"][0]["outputDimensionality"]);
    json!({"embeddings": values.map(|values| json!({"values": values})).collect::<Vec<_>>()})
}

fn vectors(request: &Request, dimensions: &Value) -> impl Iterator<Item = Vec<f32>> {
    let asked = dimensions.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=4096).contains(n));
    let words = HashingEmbedder::new(asked.unwrap_or(DIMENSIONS));
    request.turns.iter().map(move |turn| words.vector(&turn.text))
}
