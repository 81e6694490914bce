//! The options of both protocols, and those that no chain has.

use crate::failure::Failure;
use catena::Config;
use catena_llm::{Options, ReasoningEffort, ResponseFormat, ToolChoice, ToolDefinition, keys};
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
pub(super) fn refuse(given: &Map<String, Value>, names: &[&str]) -> Result<(), Failure> {
    match names.iter().find(|name| given.get(**name).is_some_and(|value| asks(name, value))) {
        None => Ok(()),
        Some(name) => Err(unsupported(name)),
    }
}

/// Returns `true` if a value asks for something: it is not what the protocol does without the option.
fn asks(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(wanted) => *wanted != (name == "parallel_tool_calls"),
        Value::Number(number) => number.as_f64() != Some(if name == "n" { 1.0 } else { 0.0 }),
        Value::String(word) => !matches!((name, &**word), ("truncation", "disabled") | ("verbosity", "medium")),
        Value::Array(items) => !items.is_empty() && (name != "modalities" || **items != ["text"]),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// Refuses options that only chains over a [`ChatRequest`](catena_llm::ChatRequest) have, for others.
pub(super) fn refuse_for_models(options: &Options) -> Result<(), Failure> {
    let given = [
        ("frequency_penalty", options.frequency_penalty.is_some_and(|penalty| penalty != 0.0)),
        ("presence_penalty", options.presence_penalty.is_some_and(|penalty| penalty != 0.0)),
        ("service_tier", options.service_tier.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(Failure::bad_request(format!("this chain takes no `{name}`: leave it out")).at(*name)),
    }
}

pub(super) fn unsupported(name: &str) -> Failure {
    Failure::bad_request(format!("a chain has no `{name}`: leave it out")).at(name)
}

/// The tier, unless it is the one that the provider takes without being asked.
pub(super) fn service_tier(tier: Option<String>) -> Option<String> {
    tier.filter(|tier| !matches!(&**tier, "auto" | "default"))
}

pub(super) fn effort(word: &str, place: &str) -> Result<ReasoningEffort, Failure> {
    serde_json::from_value(word.into()).map_err(|_| {
        Failure::bad_request(format!("there is no reasoning effort `{word}`: none, minimal, low, medium, high"))
            .at(place)
    })
}

/// Reads which of these tools may be called: a word, or the name of one.
pub(super) fn choice(json: &Value, tools: &[ToolDefinition]) -> Result<ToolChoice, Failure> {
    let choice = any_choice(json)?;
    let is_there = match &choice {
        ToolChoice::Auto | ToolChoice::None => true,
        ToolChoice::Named(name) => tools.iter().any(|tool| tool.name == *name),
        _ => !tools.is_empty(),
    };
    let missing = || Failure::bad_request("`tool_choice` asks for a tool that is not in `tools`").at("tool_choice");
    is_there.then_some(choice).ok_or_else(missing)
}

fn any_choice(json: &Value) -> Result<ToolChoice, Failure> {
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
