//! The options of both protocols, and those that no chain has.

use crate::failure::Failure;
use catena::Config;
use catena_llm::{Options, ReasoningEffort, ResponseFormat, ToolChoice, keys};
use serde_json::{Map, Value};

/// Returns options as settings of the run, for all models in it that leave them open.
pub(super) fn config(options: &Options) -> Config {
    let mut config = Config::new();
    if options.temperature.is_some() {
        config = config.set(&keys::TEMPERATURE, options.temperature);
    }
    if options.max_tokens.is_some() {
        config = config.set(&keys::MAX_TOKENS, options.max_tokens);
    }
    if options.top_p.is_some() {
        config = config.set(&keys::TOP_P, options.top_p);
    }
    if options.seed.is_some() {
        config = config.set(&keys::SEED, options.seed);
    }
    if !options.stop.is_empty() {
        config = config.set(&keys::STOP, Some(options.stop.clone()));
    }
    if options.reasoning_effort.is_some() {
        config = config.set(&keys::REASONING_EFFORT, options.reasoning_effort);
    }
    config
}

/// Refuses options that would change the answer, but that no chain has.
pub(super) fn refuse(unknown: &Map<String, Value>, names: &[&str]) -> Result<(), Failure> {
    let is_set =
        |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && *value != Value::Array(Vec::new());
    match names.iter().find(|name| unknown.get(**name).is_some_and(is_set)) {
        None => Ok(()),
        Some(name) => Err(unsupported(name)),
    }
}

pub(super) fn unsupported(name: &str) -> Failure {
    Failure::bad_request(format!("a chain has no `{name}`: leave it out")).at(name)
}

pub(super) fn effort(word: &str, place: &str) -> Result<ReasoningEffort, Failure> {
    serde_json::from_value(word.into()).map_err(|_| {
        Failure::bad_request(format!("there is no reasoning effort `{word}`: none, minimal, low, medium, high"))
            .at(place)
    })
}

/// Reads which tools may be called: a word, or the name of one.
pub(super) fn choice(json: &Value) -> Result<ToolChoice, Failure> {
    match json.as_str() {
        Some("auto") => Ok(ToolChoice::Auto),
        Some("none") => Ok(ToolChoice::None),
        Some("required") => Ok(ToolChoice::Required),
        _ => {
            let name = json.pointer("/function/name").or_else(|| json.get("name")).and_then(Value::as_str);
            name.map(ToolChoice::named).ok_or_else(|| {
                Failure::bad_request("this is no choice of tools: auto, none, required, or a function's name")
                    .at("tool_choice")
            })
        }
    }
}

/// Reads a format: of `response_format`, or of `text.format`, which has the schema one level higher.
pub(super) fn format(json: &Value, place: &str) -> Result<ResponseFormat, Failure> {
    match json["type"].as_str() {
        Some("text") => Ok(ResponseFormat::Text),
        Some("json_object") => Ok(ResponseFormat::JsonObject),
        Some("json_schema") => {
            let inner = json.get("json_schema").unwrap_or(json);
            let name = inner["name"].as_str().unwrap_or("answer").to_owned();
            let schema = inner.get("schema").cloned();
            let missing = || Failure::bad_request("the format has no schema").at(place);
            let format =
                serde_json::json!({ "type": "json_schema", "name": name, "schema": schema.ok_or_else(missing)? });
            serde_json::from_value(format).map_err(|_| Failure::bad_request("this is no format").at(place))
        }
        _ => Err(Failure::bad_request("this is no format: text, json_object or json_schema").at(place)),
    }
}
