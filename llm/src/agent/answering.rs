//! The formats of an agent's answer.

use crate::{
    Message, ToolCall, ToolDefinition, ToolResult,
    parser::{Partial, without_thoughts},
    tool,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{fmt, marker::PhantomData};

/// The name of the tool whose arguments are the typed answer.
pub(super) const FINAL_ANSWER: &str = "final_answer";

/// The name of the field that wraps an answer whose type is not an object.
const FIELD: &str = "answer";

/// The format of an answer: how it is recognised.
pub trait AnswerFormat: Send + Sync + 'static {
    type Answer: Clone + Send + Sync + 'static;

    /// Returns the tool whose arguments are the answer, if there is one.
    fn definition(&self) -> Option<&ToolDefinition>;

    /// Returns the answer in a message without calls, or what is wrong with it.
    fn of_text(&self, message: &Message) -> Result<(Self::Answer, Value), String>;

    /// Returns the answer in a call of that tool, or what is wrong with it.
    fn of_call(&self, call: &ToolCall) -> Result<(Self::Answer, Value), String>;

    /// Returns the answer in arguments that are not complete.
    fn partial(&self, arguments: Value) -> Partial<Self::Answer>;
}

/// The format of an agent whose answer is the model's last message.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyAnswer;

impl AnswerFormat for AnyAnswer {
    type Answer = Message;

    fn definition(&self) -> Option<&ToolDefinition> {
        None
    }

    fn of_text(&self, message: &Message) -> Result<(Message, Value), String> {
        Ok((message.clone(), serde_json::to_value(message).unwrap_or_default()))
    }

    fn of_call(&self, _: &ToolCall) -> Result<(Message, Value), String> {
        Err("there is no such tool".to_owned())
    }

    fn partial(&self, arguments: Value) -> Partial<Message> {
        Partial::growing(arguments, None)
    }
}

/// The format of an agent whose answer is a value; created by [`answering`](crate::Agent::answering).
pub struct Answering<T> {
    definition: ToolDefinition,
    /// `true` if the type is not an object, and is wrapped in a field of one.
    wrapped: bool,
    answer: PhantomData<fn() -> T>,
}

impl<T: JsonSchema> Answering<T> {
    pub(super) fn new() -> Self {
        let schema = tool::schema_of::<T>();
        let wrapped = schema["type"] != "object";
        let schema = if wrapped { wrap(schema) } else { schema };
        let description = "Give the final answer to the user. Call this once, when you know it.";
        let definition = ToolDefinition::new(FINAL_ANSWER, description, schema);
        Answering { definition, wrapped, answer: PhantomData }
    }
}

/// Puts a schema into a field of an object. The definitions stay at the root, where the references in the schema look
/// for them.
fn wrap(mut schema: Value) -> Value {
    let mut object = json!({ "type": "object" });
    if let Value::Object(fields) = &mut schema {
        for definitions in ["$defs", "definitions"] {
            if let Some(found) = fields.remove(definitions) {
                object[definitions] = found;
            }
        }
    }
    object["properties"] = json!({ FIELD: schema });
    object["required"] = json!([FIELD]);
    // A type that refers to itself does so by `#`, which is another object now.
    relocate(&mut object, &format!("#/properties/{FIELD}"));
    object
}

/// Makes the references to the root refer to `place`.
fn relocate(schema: &mut Value, place: &str) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(target) if key == "$ref" && target == "#" => place.clone_into(target),
                    value => relocate(value, place),
                }
            }
        }
        Value::Array(several) => several.iter_mut().for_each(|one| relocate(one, place)),
        _ => {}
    }
}

impl<T: DeserializeOwned> Answering<T> {
    fn read(&self, value: Value) -> Result<(T, Value), String> {
        let value = match value {
            Value::Object(mut fields) if self.wrapped => match fields.remove(FIELD) {
                Some(value) => value,
                None => return Err(format!("`{FIELD}` is missing")),
            },
            value => value,
        };
        let answer = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        Ok((answer, value))
    }
}

impl<T> AnswerFormat for Answering<T>
where
    T: DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static,
{
    type Answer = T;

    fn definition(&self) -> Option<&ToolDefinition> {
        Some(&self.definition)
    }

    /// Accepts a value as text, because some models write it instead of calling the tool.
    fn of_text(&self, message: &Message) -> Result<(T, Value), String> {
        // Some models write their thoughts before it.
        let text = without_thoughts(message.text());
        let value = serde_json::from_str::<Value>(text.trim()).ok();
        let read = value.and_then(|value| self.read(value).ok());
        read.ok_or_else(|| format!("Give your answer by calling the tool `{FINAL_ANSWER}`."))
    }

    fn of_call(&self, call: &ToolCall) -> Result<(T, Value), String> {
        tool::read_arguments(call, &self.definition.schema)
            .map_err(|error| error.message().to_owned())
            .and_then(|value| self.read(value).map_err(|why| format!("the answer is not valid: {why}")))
    }

    fn partial(&self, arguments: Value) -> Partial<T> {
        if let Ok((answer, json)) = self.read(arguments.clone()) {
            return Partial::growing(json, Some(answer));
        }
        let json = match arguments {
            Value::Object(mut fields) if self.wrapped => fields.remove(FIELD).unwrap_or_default(),
            json => json,
        };
        Partial::growing(json, None)
    }
}

impl<T> Clone for Answering<T> {
    fn clone(&self) -> Self {
        Answering { definition: self.definition.clone(), wrapped: self.wrapped, answer: PhantomData }
    }
}

impl<T> fmt::Debug for Answering<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answering").field(&self.definition.schema).finish()
    }
}

/// Returns the result of an answer for the model.
pub(super) fn answer_result(call: &ToolCall, wrong: Option<&str>) -> ToolResult {
    let text = wrong.map_or_else(|| "The answer was given.".to_owned(), |why| format!("Error: {why}"));
    ToolResult::not_called(call.clone(), text)
}
