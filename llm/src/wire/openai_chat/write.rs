use super::{Dialect, NAMES, turns};
use crate::{
    ChatRequest, ResponseFormat, ToolChoice, ToolDefinition, schema,
    wire::{Fault, Target, names::Names, openai_tools::described},
};
use serde_json::{Map, Value, json};

/// Writes a request.
pub(crate) fn write(request: &ChatRequest, target: &Target<'_>, dialect: &Dialect) -> Result<Value, Fault> {
    let names = Names::new(request, NAMES);
    let messages = turns::write(&request.messages, target, &names, dialect)?;
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("model", target.model.into());
    set("messages", messages.into());
    if target.stream {
        set("stream", true.into());
        if dialect.stream_options {
            set("stream_options", json!({ "include_usage": true }));
        }
    }
    let options = &request.options;
    if let Some(temperature) = options.temperature {
        set("temperature", temperature.into());
    }
    if let Some(tokens) = options.max_tokens {
        set(dialect.max_tokens, tokens.into());
    }
    if let Some(probability) = options.top_p {
        set("top_p", probability.into());
    }
    if !options.stop.is_empty() {
        set("stop", options.stop.clone().into());
    }
    if let Some(seed) = options.seed {
        set("seed", seed.into());
    }
    if let Some(effort) = options.reasoning_effort {
        set("reasoning_effort", effort.as_str().into());
    }
    if options.reasoning_budget.is_some() {
        return Err(Fault::Unsupported(format!(
            "`reasoning_budget` is set, and {} has none in this protocol: set a `reasoning_effort`, or the server's own \
             field by `extra_body`",
            dialect.title
        )));
    }
    if let Some(count) = options.top_k {
        if !dialect.top_k {
            return Err(Fault::Unsupported(format!("`top_k` is set, which {} does not support", dialect.title)));
        }
        set("top_k", count.into());
    }
    if let Some(penalty) = options.frequency_penalty {
        set("frequency_penalty", penalty.into());
    }
    if let Some(penalty) = options.presence_penalty {
        set("presence_penalty", penalty.into());
    }
    if let Some(count) = options.logprobs {
        set("logprobs", true.into());
        if count > 0 {
            set("top_logprobs", count.into());
        }
    }
    if let Some(tier) = &options.service_tier {
        if !dialect.service_tier {
            return Err(Fault::Unsupported(format!("`service_tier` is set, which {} does not support", dialect.title)));
        }
        set("service_tier", tier.as_str().into());
    }
    match &options.response_format {
        None | Some(ResponseFormat::Text) => {}
        Some(ResponseFormat::JsonObject) => {
            set("response_format", json!({ "type": "json_object" }));
        }
        Some(ResponseFormat::JsonSchema { name, schema }) => {
            let Some(schema) = schema::strict(schema) else {
                return Err(Fault::Unsupported("the schema of the response format cannot be made strict".to_owned()));
            };
            let format = json!({ "name": name, "strict": true, "schema": schema });
            set("response_format", json!({ "type": "json_schema", "json_schema": format }));
        }
    }
    if !request.tools.is_empty() {
        set("tools", request.tools.iter().map(|tool| write_tool(tool, &names)).collect());
        match &request.tool_choice {
            // This is the default, and some servers do not know the word.
            None | Some(ToolChoice::Auto) => {}
            Some(ToolChoice::None) => {
                set("tool_choice", "none".into());
            }
            Some(ToolChoice::Required) => {
                set("tool_choice", "required".into());
            }
            Some(ToolChoice::Named(name)) => {
                set("tool_choice", json!({ "type": "function", "function": { "name": names.sent(name) } }));
            }
        }
    }
    Ok(body.into())
}

fn write_tool(tool: &ToolDefinition, names: &Names) -> Value {
    let (parameters, description) = described(tool);
    let mut function = json!({ "name": names.sent(&tool.name), "parameters": parameters });
    if !description.is_empty() {
        function["description"] = description.into();
    }
    json!({ "type": "function", "function": function })
}
