use super::{
    NAMES,
    items::{self, Input},
};
use crate::{
    ChatRequest, ResponseFormat, ToolChoice, ToolDefinition, schema,
    wire::{Fault, Target, names::Names, openai_tools::described},
};
use serde_json::{Map, Value, json};

/// Returns whether the API enforces a response format. A schema that its strict mode cannot express is put into the
/// instructions instead.
pub(crate) fn has_response_format(format: &ResponseFormat) -> bool {
    match format {
        ResponseFormat::Text | ResponseFormat::JsonObject => true,
        ResponseFormat::JsonSchema { schema, .. } => schema::strict(schema).is_some(),
    }
}

/// Writes a request. The provider stores nothing: the state of the conversation is part of the request.
///
/// # Errors
/// [`Fault::Unsupported`] if the API has no such setting.
pub(crate) fn write(request: &ChatRequest, target: &Target<'_>) -> Result<Value, Fault> {
    let options = &request.options;
    for (is_set, name) in [
        (options.seed.is_some(), "`seed`"),
        (!options.stop.is_empty(), "a stop sequence"),
        (options.reasoning_budget.is_some(), "`reasoning_budget`"),
        (options.top_k.is_some(), "`top_k`"),
        (options.frequency_penalty.is_some(), "`frequency_penalty`"),
        (options.presence_penalty.is_some(), "`presence_penalty`"),
    ] {
        if is_set {
            return unsupported(&format!("{name} is set, which OpenAI's responses do not support"));
        }
    }
    let names = Names::new(request, NAMES);
    let Input { mut instructions, items } = items::write(&request.messages, target, &names)?;
    let mut body = Map::new();
    let mut set = |key: &str, value: Value| drop(body.insert(key.to_owned(), value));
    set("model", target.model.into());
    set("input", items.into());
    set("store", false.into());
    let mut include = Vec::new();
    if may_reason(target.model) {
        include.push("reasoning.encrypted_content");
    }
    if let Some(count) = options.logprobs {
        include.push("message.output_text.logprobs");
        if count > 0 {
            set("top_logprobs", count.into());
        }
    }
    if !include.is_empty() {
        set("include", include.into());
    }
    if let Some(tier) = &options.service_tier {
        set("service_tier", tier.as_str().into());
    }
    match &options.response_format {
        None | Some(ResponseFormat::Text) => {}
        Some(ResponseFormat::JsonObject) => set("text", json!({"format": {"type": "json_object"}})),
        Some(format @ ResponseFormat::JsonSchema { name, schema }) => match schema::strict(schema) {
            Some(schema) => {
                let format = json!({"type": "json_schema", "name": name, "schema": schema, "strict": true});
                set("text", json!({ "format": format }));
            }
            None => instructions.push(format.instructions()),
        },
    }
    if !instructions.is_empty() {
        set("instructions", instructions.join("\n\n").into());
    }
    if let Some(temperature) = options.temperature {
        set("temperature", temperature.into());
    }
    if let Some(top_p) = options.top_p {
        set("top_p", top_p.into());
    }
    if let Some(max_tokens) = options.max_tokens {
        set("max_output_tokens", max_tokens.into());
    }
    if let Some(effort) = options.reasoning_effort {
        set("reasoning", json!({"effort": effort.as_str()}));
    }
    if let Some(choice) = choice(request, &names)? {
        set("tool_choice", choice);
    }
    if !request.tools.is_empty() {
        set("tools", request.tools.iter().map(|definition| tool(definition, &names)).collect());
    }
    if target.stream {
        set("stream", true.into());
    }
    Ok(Value::Object(body))
}

fn unsupported<T>(why: &str) -> Result<T, Fault> {
    Err(Fault::Unsupported(why.to_owned()))
}

/// Returns whether a model may reason. The API refuses to include encrypted reasoning for those of OpenAI's models that
/// do not.
fn may_reason(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let does_not = ["gpt-3", "gpt-4", "chatgpt-", "ft:gpt-3", "ft:gpt-4"].iter().any(|start| name.starts_with(start));
    !does_not && !name.contains("-chat-latest")
}

fn tool(definition: &ToolDefinition, names: &Names) -> Value {
    let (parameters, description) = described(definition);
    // The default of the API is strict, which makes all parameters required.
    let mut tool = json!({
        "type": "function", "name": names.sent(&definition.name), "parameters": parameters, "strict": false
    });
    if !description.is_empty() {
        tool["description"] = description.into();
    }
    tool
}

/// Returns the choice of tools, after checking it against the tools.
fn choice(request: &ChatRequest, names: &Names) -> Result<Option<Value>, Fault> {
    let has = |name: &str| request.tools.iter().any(|tool| tool.name == name);
    Ok(match &request.tool_choice {
        Some(ToolChoice::Required) if request.tools.is_empty() => {
            return unsupported("a tool has to be called, and there are none");
        }
        Some(ToolChoice::Named(name)) if !has(name) => {
            return unsupported(&format!("the tool `{name}` has to be called, and is not among the tools"));
        }
        _ if request.tools.is_empty() => None,
        None => None,
        Some(ToolChoice::Auto) => Some("auto".into()),
        Some(ToolChoice::None) => Some("none".into()),
        Some(ToolChoice::Required) => Some("required".into()),
        Some(ToolChoice::Named(name)) => Some(json!({"type": "function", "name": names.sent(name)})),
    })
}
