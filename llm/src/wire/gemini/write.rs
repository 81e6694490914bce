use super::{
    NAMES, model,
    turns::{self, Turns},
};
use crate::{
    ChatRequest, ReasoningEffort, ResponseFormat, ToolChoice, ToolDefinition, schema,
    wire::{Fault, Target, names::Names, refs},
};
use serde_json::{Map, Value, json};

/// Returns whether the API enforces a response format. Recursive schemas are refused, or unrolled to some depth. JSON
/// without a schema may be a list, so that an object is asked for in the prompt.
pub(crate) fn has_response_format(format: &ResponseFormat) -> bool {
    match format {
        ResponseFormat::Text => true,
        ResponseFormat::JsonObject => false,
        ResponseFormat::JsonSchema { schema, .. } => sent_schema(schema).is_some(),
    }
}

/// Returns the schema that is sent, or `None` if the API refuses it.
fn sent_schema(schema: &Value) -> Option<Value> {
    // A recursive schema is not looked at any further.
    if refs::is_recursive(schema) {
        return None;
    }
    Some(known(refs::without_siblings(&schema::strict(schema)?)))
}

/// Returns a schema in the keywords that the API knows: a constant is an enum of one.
fn known(schema: Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(key, _)| key != "$schema");
            let as_known = |(key, value): (String, Value)| match key.as_str() {
                "const" => ("enum".to_owned(), json!([value])),
                // The values of these are no schemas.
                "enum" | "default" | "examples" | "required" => (key, value),
                _ => (key, known(value)),
            };
            Value::Object(fields.map(as_known).collect())
        }
        Value::Array(several) => several.into_iter().map(known).collect(),
        other => other,
    }
}

/// Writes a request.
///
/// A response format that the API does not have is put into the system prompt. The same is done beside tools for models
/// before Gemini 3, which refuse both at once.
///
/// # Errors
/// [`Fault::Unsupported`] if the API has no such setting.
pub(crate) fn write(request: &ChatRequest, target: &Target<'_>) -> Result<Value, Fault> {
    let options = &request.options;
    let has_levels = model::has_levels(target.model);
    let names = Names::new(request, NAMES);
    let Turns { mut system, contents } = turns::write(&request.messages, target, &names)?;

    let mut config = Map::new();
    let mut set = |key: &str, value: Value| drop(config.insert(key.to_owned(), value));
    if let Some(temperature) = options.temperature {
        set("temperature", temperature.into());
    }
    if let Some(top_p) = options.top_p {
        set("topP", top_p.into());
    }
    if let Some(max_tokens) = options.max_tokens {
        set("maxOutputTokens", max_tokens.into());
    }
    if !options.stop.is_empty() {
        set("stopSequences", options.stop.clone().into());
    }
    if let Some(seed) = options.seed {
        // The API takes 32 bits.
        let Ok(seed) = i32::try_from(seed) else {
            return Err(Fault::Unsupported(format!("`seed` is {seed}, and Gemini's models take at most {}", i32::MAX)));
        };
        set("seed", seed.into());
    }
    if let Some(effort) = options.reasoning_effort {
        set("thinkingConfig", thinking(effort, has_levels)?);
    }
    if let Some(budget) = options.reasoning_budget {
        let mut thinking = json!({ "thinkingBudget": budget });
        if budget > 0 {
            thinking["includeThoughts"] = true.into();
        }
        set("thinkingConfig", thinking);
    }
    if let Some(count) = options.top_k {
        set("topK", count.into());
    }
    if let Some(penalty) = options.frequency_penalty {
        set("frequencyPenalty", penalty.into());
    }
    if let Some(penalty) = options.presence_penalty {
        set("presencePenalty", penalty.into());
    }
    if let Some(count) = options.logprobs {
        set("responseLogprobs", true.into());
        if count > 0 {
            set("logprobs", count.into());
        }
    }
    let both = has_levels || request.tools.is_empty();
    match &options.response_format {
        None | Some(ResponseFormat::Text) => {}
        Some(format) if both && has_response_format(format) => {
            set("responseMimeType", "application/json".into());
            if let ResponseFormat::JsonSchema { schema, .. } = format
                && let Some(schema) = sent_schema(schema)
            {
                set("responseJsonSchema", schema);
            }
        }
        Some(format) => system.push(json!({ "text": format.instructions() })),
    }

    let mut body = Map::new();
    let mut set = |key: &str, value: Value| drop(body.insert(key.to_owned(), value));
    if !system.is_empty() {
        set("systemInstruction", json!({ "parts": system }));
    }
    set("contents", contents.into());
    if let Some(tier) = &options.service_tier {
        set("serviceTier", tier.as_str().into());
    }
    if let Some(choice) = choice(request, &names)? {
        set("toolConfig", json!({ "functionCallingConfig": choice }));
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request.tools.iter().map(|definition| tool(definition, &names)).collect();
        set("tools", json!([{ "functionDeclarations": tools }]));
    }
    if !config.is_empty() {
        set("generationConfig", Value::Object(config));
    }
    Ok(Value::Object(body))
}

/// Returns the setting of thoughts: by a level, or by a number of tokens for models that have no levels.
fn thinking(effort: ReasoningEffort, has_levels: bool) -> Result<Value, Fault> {
    let budget = match effort {
        ReasoningEffort::None if has_levels => return none_such(effort),
        ReasoningEffort::Minimal if !has_levels => return none_such(effort),
        ReasoningEffort::XHigh | ReasoningEffort::Max => return none_such(effort),
        _ if has_levels => {
            return Ok(json!({"thinkingLevel": effort.as_str().to_ascii_uppercase(), "includeThoughts": true}));
        }
        ReasoningEffort::None | ReasoningEffort::Minimal => return Ok(json!({"thinkingBudget": 0})),
        ReasoningEffort::Low => 1024,
        ReasoningEffort::Medium => 8192,
        ReasoningEffort::High => 24_576,
    };
    Ok(json!({"thinkingBudget": budget, "includeThoughts": true}))
}

fn none_such(effort: ReasoningEffort) -> Result<Value, Fault> {
    let why = format!("`reasoning_effort` is `{effort}`, which this model of Gemini does not have");
    Err(Fault::Unsupported(why))
}

fn tool(definition: &ToolDefinition, names: &Names) -> Value {
    let mut tool = json!({"name": names.sent(&definition.name)});
    if !definition.description.is_empty() {
        tool["description"] = definition.description.as_str().into();
    }
    // A function without parameters has no schema.
    let is_bare = definition.schema.get("properties").and_then(Value::as_object).is_none_or(Map::is_empty)
        && ["$ref", "anyOf", "oneOf", "allOf", "additionalProperties"]
            .iter()
            .all(|key| definition.schema.get(key).is_none_or(|value| value == &Value::Bool(false)));
    if !is_bare {
        let schema = refs::without_recursion(&definition.schema);
        tool["parametersJsonSchema"] = known(refs::without_siblings(&schema));
    }
    tool
}

/// Returns the choice of tools, after checking it against the tools.
fn choice(request: &ChatRequest, names: &Names) -> Result<Option<Value>, Fault> {
    let has = |name: &str| request.tools.iter().any(|tool| tool.name == name);
    let unsupported = |why: String| Err(Fault::Unsupported(why));
    Ok(match &request.tool_choice {
        Some(ToolChoice::Required) if request.tools.is_empty() => {
            return unsupported("a tool has to be called, and there are none".to_owned());
        }
        Some(ToolChoice::Named(name)) if !has(name) => {
            return unsupported(format!("the tool `{name}` has to be called, and is not among the tools"));
        }
        _ if request.tools.is_empty() => None,
        None | Some(ToolChoice::Auto) => None,
        Some(ToolChoice::None) => Some(json!({"mode": "NONE"})),
        Some(ToolChoice::Required) => Some(json!({"mode": "ANY"})),
        Some(ToolChoice::Named(name)) => Some(json!({"mode": "ANY", "allowedFunctionNames": [names.sent(name)]})),
    })
}
