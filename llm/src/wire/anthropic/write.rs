use super::{
    NAMES,
    model::{Model, Thinking},
    turns::{self, Turns},
};
use crate::{
    ChatRequest, ReasoningEffort, ResponseFormat, ToolChoice, ToolDefinition, schema,
    wire::{Fault, Target, names::Names, refs},
};
use serde_json::{Map, Value, json};

/// Settings of the protocol that are not those of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// `true` if the provider caches the tools, the system prompt and the conversation so far.
    pub(crate) cache: bool,
}

/// Returns whether a model enforces a response format. Schemas that are recursive, or have too many choices, are
/// refused by the API.
pub(crate) fn has_response_format(model: &str, format: &ResponseFormat) -> bool {
    match format {
        ResponseFormat::Text => true,
        ResponseFormat::JsonObject => false,
        ResponseFormat::JsonSchema { schema, .. } => Model::of(model).has_schemas() && sent_schema(schema).is_some(),
    }
}

/// Returns the schema that is sent, or `None` if the API refuses it.
fn sent_schema(schema: &Value) -> Option<Value> {
    /// The most parameters with a choice of types that the API takes.
    const MOST_UNIONS: usize = 16;
    // A recursive schema is not looked at any further.
    if refs::is_recursive(schema) {
        return None;
    }
    schema::strict(schema).filter(|schema| unions(schema) <= MOST_UNIONS)
}

fn unions(schema: &Value) -> usize {
    match schema {
        Value::Object(fields) => {
            let is_union = fields.contains_key("anyOf") || fields.get("type").is_some_and(Value::is_array);
            usize::from(is_union) + fields.values().map(unions).sum::<usize>()
        }
        Value::Array(several) => several.iter().map(unions).sum(),
        _ => 0,
    }
}

/// Writes a request.
///
/// If `max_tokens` is not set, it is the model's limit, because the API requires it. A response format that the model
/// does not have is put into the system prompt.
///
/// # Errors
/// [`Fault::Unsupported`] if the API has no such setting, or refuses the combination.
pub(crate) fn write(request: &ChatRequest, target: &Target<'_>, settings: Settings) -> Result<Value, Fault> {
    let options = &request.options;
    let model = Model::of(target.model);
    for (is_set, name) in [
        (options.seed.is_some(), "seed"),
        (options.frequency_penalty.is_some(), "frequency_penalty"),
        (options.presence_penalty.is_some(), "presence_penalty"),
        (options.logprobs.is_some(), "logprobs"),
    ] {
        if is_set {
            return unsupported(&format!("`{name}` is set, which Anthropic's models do not support"));
        }
    }
    let max_tokens = options.max_tokens.unwrap_or_else(|| model.max_tokens());
    let (thinking, effort) = match options.reasoning_budget {
        Some(budget) => (Some(budgeted(model, budget, max_tokens)?), None),
        None => thinking(model, options.reasoning_effort, max_tokens)?,
    };
    let is_disabled = thinking.as_ref().is_some_and(|thinking| thinking["type"] == "disabled");
    let names = Names::new(request, NAMES);
    let thinks = match &thinking {
        Some(thinking) if thinking["type"] == "disabled" => turns::Thinks::No,
        // Only by a budget, and only at Anthropic, a turn has to begin with thoughts.
        Some(thinking) if thinking["type"] == "enabled" && model.is_claude() => turns::Thinks::FromTheBeginning,
        _ => turns::Thinks::Maybe,
    };
    let Turns { mut system, mut messages, thinks } = turns::write(&request.messages, target, &names, thinks)?;
    // The API refuses to think in the middle of a turn that began without thoughts.
    let (thinking, effort) =
        if thinks == turns::Thinks::No && !is_disabled { (None, None) } else { (thinking, effort) };
    let is_thinking = thinking.as_ref().is_some_and(|thinking| thinking["type"] != "disabled");

    let mut body = Map::new();
    let mut set = |key: &str, value: Value| drop(body.insert(key.to_owned(), value));
    set("model", target.model.into());
    set("max_tokens", max_tokens.into());
    match options.temperature {
        // The API takes no other one beside thoughts.
        Some(temperature) if is_thinking && (temperature - 1.0).abs() > f64::EPSILON => {
            return unsupported("`temperature` is set beside a `reasoning_effort`, which Anthropic's models refuse");
        }
        Some(temperature) if !is_thinking => set("temperature", temperature.into()),
        _ => {}
    }
    if let Some(top_p) = options.top_p {
        set("top_p", top_p.into());
    }
    match options.top_k {
        Some(_) if is_thinking => {
            return unsupported("`top_k` is set beside reasoning, which Anthropic's models refuse");
        }
        Some(count) => set("top_k", count.into()),
        None => {}
    }
    if let Some(tier) = &options.service_tier {
        set("service_tier", tier.as_str().into());
    }
    if !options.stop.is_empty() {
        set("stop_sequences", options.stop.clone().into());
    }
    let mut output = Map::new();
    output.extend(effort.map(|effort| ("effort".to_owned(), effort.into())));
    match &options.response_format {
        Some(format @ ResponseFormat::JsonSchema { schema, .. }) if has_response_format(target.model, format) => {
            output.extend(
                sent_schema(schema)
                    .map(|schema| ("format".to_owned(), json!({"type": "json_schema", "schema": schema}))),
            );
        }
        Some(format) => {
            let instructions = format.instructions();
            if !instructions.is_empty() {
                system.push(json!({"type": "text", "text": instructions}));
            }
        }
        None => {}
    }
    if !output.is_empty() {
        set("output_config", Value::Object(output));
    }
    if let Some(thinking) = thinking {
        set("thinking", thinking);
    }
    let mut tools: Vec<Value> = request.tools.iter().map(|definition| tool(definition, &names)).collect();
    if settings.cache {
        mark(&mut tools);
        mark(&mut system);
        let last = messages.last_mut().and_then(|last| last["content"].as_array_mut());
        mark(last.map_or(&mut [], Vec::as_mut_slice));
    }
    if !system.is_empty() {
        set("system", system.into());
    }
    set("messages", messages.into());
    if let Some(choice) = choice(request, &names, is_thinking)? {
        set("tool_choice", choice);
    }
    if !tools.is_empty() {
        set("tools", tools.into());
    }
    if target.stream {
        set("stream", true.into());
    }
    Ok(Value::Object(body))
}

fn unsupported<T>(why: &str) -> Result<T, Fault> {
    Err(Fault::Unsupported(why.to_owned()))
}

/// Lets the provider cache everything up to the last of these blocks.
fn mark(blocks: &mut [Value]) {
    // Thoughts cannot be marked.
    if let Some(Value::Object(last)) = blocks.last_mut()
        && last.get("type").is_none_or(|kind| kind != "thinking" && kind != "redacted_thinking")
    {
        last.insert("cache_control".to_owned(), json!({"type": "ephemeral"}));
    }
}

/// The smallest budget of thoughts that the API takes.
const LEAST: u32 = 1024;

/// Returns the setting of thoughts for a budget of tokens.
fn budgeted(model: Model, budget: u32, max_tokens: u32) -> Result<Value, Fault> {
    if budget == 0 && !model.always_thinks() {
        return Ok(json!({"type": "disabled"}));
    }
    if !model.takes_budget() {
        return unsupported(
            "`reasoning_budget` is set, and this model of Anthropic decides the tokens itself: set a `reasoning_effort`",
        );
    }
    if budget < LEAST || budget >= max_tokens {
        return Err(Fault::Unsupported(format!(
            "`reasoning_budget` is {budget}: it has to be at least {LEAST}, and less than `max_tokens`, which is \
             {max_tokens}"
        )));
    }
    Ok(json!({"type": "enabled", "budget_tokens": budget}))
}

/// Returns the setting of thoughts, and the effort beside it.
fn thinking(
    model: Model,
    effort: Option<ReasoningEffort>,
    max_tokens: u32,
) -> Result<(Option<Value>, Option<&'static str>), Fault> {
    let (word, budget) = match effort {
        None => return Ok((None, None)),
        Some(ReasoningEffort::None) if model.always_thinks() => {
            return unsupported("`reasoning_effort` is `none`, which this model of Anthropic does not have");
        }
        Some(ReasoningEffort::None) => {
            return Ok((model.can_stop_thinking().then(|| json!({"type": "disabled"})), None));
        }
        Some(ReasoningEffort::Minimal) => {
            return unsupported("`reasoning_effort` is `minimal`, which this model of Anthropic does not have");
        }
        Some(ReasoningEffort::Low) => ("low", 2048),
        Some(ReasoningEffort::Medium) => ("medium", 8192),
        Some(ReasoningEffort::High) => ("high", 24_576),
        Some(effort @ (ReasoningEffort::XHigh | ReasoningEffort::Max)) => {
            if model.thinking() == Thinking::Budget {
                return Err(Fault::Unsupported(format!(
                    "`reasoning_effort` is `{effort}`, which this model of Anthropic does not have"
                )));
            }
            (effort.as_str(), 0)
        }
    };
    Ok(match model.thinking() {
        Thinking::Adaptive { hides_text: true } => {
            (Some(json!({"type": "adaptive", "display": "summarized"})), Some(word))
        }
        Thinking::Adaptive { hides_text: false } => (Some(json!({"type": "adaptive"})), Some(word)),
        Thinking::Budget => {
            // The budget is part of the limit, and has to be smaller.
            let budget = budget.min(max_tokens.saturating_sub(1));
            if budget < LEAST {
                return Err(Fault::Unsupported(format!(
                    "`max_tokens` is {max_tokens}, which includes the reasoning: with a `reasoning_effort` it has to \
                     be more than {LEAST}"
                )));
            }
            (Some(json!({"type": "enabled", "budget_tokens": budget})), None)
        }
    })
}

fn tool(definition: &ToolDefinition, names: &Names) -> Value {
    let mut schema = definition.schema.clone();
    let mut description = definition.description.clone();
    // The API refuses a choice at the top of a schema. It is described instead.
    if let Value::Object(fields) = &mut schema {
        fields.remove("$schema");
        let choices = ["anyOf", "oneOf", "allOf"].map(|key| fields.remove(key));
        if choices.iter().any(Option::is_some) {
            let separator = if description.is_empty() { "" } else { "\n\n" };
            let schema = &definition.schema;
            description.extend([separator, "The arguments have to fit this JSON Schema:\n", &schema.to_string()]);
        }
        fields.entry("type").or_insert_with(|| "object".into());
    }
    let mut tool = json!({"name": names.sent(&definition.name), "input_schema": schema});
    if !description.is_empty() {
        tool["description"] = description.into();
    }
    tool
}

/// Returns the choice of tools, after checking it against the tools.
fn choice(request: &ChatRequest, names: &Names, is_thinking: bool) -> Result<Option<Value>, Fault> {
    let has = |name: &str| request.tools.iter().any(|tool| tool.name == name);
    Ok(match &request.tool_choice {
        Some(ToolChoice::Required) if request.tools.is_empty() => {
            return unsupported("a tool has to be called, and there are none");
        }
        Some(ToolChoice::Named(name)) if !has(name) => {
            let why = format!("the tool `{name}` has to be called, and is not among the tools");
            return Err(Fault::Unsupported(why));
        }
        Some(ToolChoice::Required | ToolChoice::Named(_)) if is_thinking => {
            return unsupported("a tool has to be called, which Anthropic's models refuse beside a `reasoning_effort`");
        }
        _ if request.tools.is_empty() => None,
        None | Some(ToolChoice::Auto) => None,
        Some(ToolChoice::None) => Some(json!({"type": "none"})),
        Some(ToolChoice::Required) => Some(json!({"type": "any"})),
        Some(ToolChoice::Named(name)) => Some(json!({"type": "tool", "name": names.sent(name)})),
    })
}
