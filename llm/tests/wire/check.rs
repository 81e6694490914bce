use catena::Result;
use catena_llm::{Message, Messages, Usage};
use serde_json::Value;
use std::collections::HashSet;

/// Compares an outcome with what is right.
pub(crate) fn check(right: &Value, answer: &Result<Message>) -> std::result::Result<(), String> {
    match (right.get("error"), answer) {
        (None, Ok(answer)) => check_answer(right, answer),
        (None, Err(error)) => Err(format!("an error: {error}")),
        (Some(_), Ok(answer)) => Err(format!("an answer: {answer:?}")),
        (Some(right), Err(error)) => {
            let kind = right["kind"].as_str().unwrap_or_default();
            if error.kind().name() != kind {
                return Err(format!("{} is not {kind}: {error}", error.kind().name()));
            }
            let words = right["words"].as_str().unwrap_or_default();
            if !error.message().contains(words) {
                return Err(format!("{words:?} is not in {:?}", error.message()));
            }
            let after = error.retry_after().map_or(Value::Null, |delay| delay.as_secs_f64().into());
            if right.get("after").is_some_and(|right| *right != after) {
                return Err(format!("the delay is {after}, and not {}: {error}", right["after"]));
            }
            match right["retryable"].as_bool() {
                Some(retryable) if retryable != error.is_retryable() => {
                    Err(format!("retryable is not {retryable}: {error}"))
                }
                _ => Ok(()),
            }
        }
    }
}

/// Compares vectors with those that are right.
pub(crate) fn check_vectors(right: &Value, vectors: &Result<Vec<Vec<f32>>>) -> std::result::Result<(), String> {
    match vectors {
        Ok(vectors) if serde_json::json!(vectors) == *right => Ok(()),
        other => Err(format!("the vectors are {other:?}, and not {right}")),
    }
}

fn check_answer(right: &Value, answer: &Message) -> std::result::Result<(), String> {
    let same = |what: &str, is: Value, right: &Value| {
        if is == *right { Ok(()) } else { Err(format!("the {what} is {is}, and not {right}")) }
    };
    let text = |key: &str| right.get(key).cloned().unwrap_or_else(|| "".into());
    same("text", answer.text().into(), &text("text"))?;
    let calls = answer.tool_calls().iter().map(|call| {
        let arguments = call.arguments().unwrap_or_else(|_| Value::from(call.raw_arguments.as_str()));
        serde_json::json!({"name": call.name, "arguments": arguments})
    });
    let right_calls: Vec<Value> = right["calls"].as_array().into_iter().flatten().cloned().collect();
    let without_ids = right_calls.iter().cloned().map(|mut call| {
        if let Value::Object(fields) = &mut call {
            fields.remove("id");
        }
        call
    });
    same("calls", calls.collect(), &without_ids.collect())?;
    for (call, right) in answer.tool_calls().iter().zip(&right_calls) {
        if let Some(id) = right["id"].as_str() {
            same("id of a call", call.id.as_str().into(), &id.into())?;
        }
    }
    let ids: HashSet<&str> = answer.tool_calls().iter().map(|call| &*call.id).filter(|id| !id.is_empty()).collect();
    if ids.len() != answer.tool_calls().len() {
        return Err(format!("ids are missing or come twice: {:?}", answer.tool_calls()));
    }
    let images = answer.parts().iter().filter(|part| matches!(part, catena_llm::Part::Image(_))).count();
    if right.get("images").is_some_and(|right| *right != images) {
        return Err(format!("there are {images} images, and not {}: {answer:?}", right["images"]));
    }
    let json = serde_json::to_string(answer).unwrap();
    let kept = right["kept"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(lost) = kept.into_iter().find(|text| !json.contains(text)) {
        return Err(format!("{lost:?} is lost: {json}"));
    }
    let option = |value: Option<&str>| value.map_or(Value::Null, Value::from);
    for (key, is) in [
        ("reasoning", answer.reasoning().into()),
        ("finish", option(answer.finish_reason().map(catena_llm::FinishReason::as_str))),
        ("model", option(answer.model())),
        ("id", option(answer.id())),
        ("usage", answer.usage().map_or(Value::Null, usage)),
    ] {
        if let Some(right) = right.get(key) {
            same(key, is, right)?;
        }
    }
    Ok(())
}

/// Returns the tokens in the form of the corpus: without those that are 0.
fn usage(usage: Usage) -> Value {
    let counts = [
        ("input", usage.input_tokens),
        ("output", usage.output_tokens),
        ("cached", usage.cached_input_tokens),
        ("written", usage.cache_write_tokens),
        ("reasoning", usage.reasoning_tokens),
    ];
    counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| (name.to_owned(), Value::from(count)))
        .collect()
}

/// Returns the conversation that follows an answer: the results of its calls, or another question.
pub(crate) fn next(mut conversation: Messages, answer: &Message) -> Messages {
    conversation.push(answer.clone());
    for call in answer.tool_calls() {
        conversation.push(Message::tool(call.id.as_str(), "done").with_name(call.name.as_str()));
    }
    if answer.tool_calls().is_empty() {
        conversation.push(Message::user("And then?"));
    }
    conversation
}
