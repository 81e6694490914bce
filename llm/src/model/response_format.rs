//! The format of an answer.

use crate::{ChatModel, ChatRequest, Message, Messages, Part, Role, schema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The format of an answer; see [`Options::response_format`](crate::Options::response_format).
///
/// If the model supports the format ([`ChatModel::has_response_format`]), the provider enforces it. Otherwise
/// [`Chat`](crate::Chat) writes it into the prompt, at the end of the system message. In both cases the answer is text,
/// which a [parser](crate::parser) turns into a value.
///
/// ```
/// use catena_llm::{Options, ResponseFormat};
/// use schemars::JsonSchema;
///
/// #[derive(JsonSchema)]
/// struct City { name: String, people: u64 }
///
/// let options = Options::new().response_format(ResponseFormat::of::<City>());
/// assert!(matches!(options.response_format, Some(ResponseFormat::JsonSchema { name, .. }) if name == "City"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResponseFormat {
    /// Text, as without a format. Overrides a format that is set elsewhere.
    Text,
    /// A JSON object. OpenAI requires that the prompt mentions JSON too.
    JsonObject,
    /// JSON with a schema.
    JsonSchema {
        /// The name of the format: letters, digits, `_` and `-`, at most 64.
        name: String,
        /// The JSON Schema. Keywords that the strict mode of providers refuses (`format`, limits of numbers) are not
        /// sent, and all properties become required.
        schema: Value,
    },
}

impl ResponseFormat {
    /// Creates the format of JSON with the schema of `T`.
    pub fn of<T: JsonSchema>() -> Self {
        let allowed = |letter: char| if letter.is_ascii_alphanumeric() || "_-".contains(letter) { letter } else { '_' };
        let name = T::schema_name().chars().map(allowed).take(64).collect();
        ResponseFormat::JsonSchema { name, schema: schema::of::<T>() }
    }

    /// Returns the instructions for a model that does not support this format. They are empty for text.
    pub fn instructions(&self) -> String {
        match self {
            ResponseFormat::Text => String::new(),
            ResponseFormat::JsonObject => "Answer with a JSON object, and nothing else.".to_owned(),
            ResponseFormat::JsonSchema { schema, .. } => schema::instructions(schema),
        }
    }
}

/// Moves a format that the model does not support into the prompt.
pub(crate) fn place(model: &impl ChatModel, mut request: ChatRequest) -> ChatRequest {
    if let Some(format) = request.options.response_format.take_if(|format| !model.has_response_format(format)) {
        request.messages = instructed(request.messages, &format.instructions());
    }
    request
}

/// Appends the instructions to the system message.
fn instructed(messages: Messages, instructions: &str) -> Messages {
    if instructions.is_empty() {
        return messages;
    }
    let is_plain = |message: &Message| matches!(message.parts(), [] | [Part::Text(_)]);
    match messages.first() {
        Some(first) if *first.role() == Role::System && is_plain(first) => {
            let mut said = Message::system(format!("{first}\n\n{instructions}").trim_start());
            if let Some(name) = first.name() {
                said = said.with_name(name);
            }
            std::iter::once(said).chain(messages.iter().skip(1).cloned()).collect()
        }
        _ => std::iter::once(Message::system(instructions)).chain(messages).collect(),
    }
}
