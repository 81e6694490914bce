//! The form in which a model is to answer.

use crate::{ChatModel, ChatRequest, Message, Messages, Part, Role, schema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The form in which a model is to answer; see [`Options::response_format`](crate::Options::response_format).
///
/// Where the model has it ([`ChatModel::has_response_format`]), the provider sees to it that the answer is of this form. Where
/// not, [`Chat`](crate::Chat) writes it into the prompt instead, at the end of the system's message. The answer is text
/// either way: a [parser](crate::parser) makes a value of it.
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
    /// Text, as if nothing was said; to undo a form that is set elsewhere.
    Text,
    /// A JSON object. OpenAI insists that the prompt speaks of JSON too.
    JsonObject,
    /// JSON of this form.
    JsonSchema {
        /// What the form is called: letters, digits, `_` and `-`, at most 64.
        name: String,
        /// Its JSON Schema. What the strict mode of providers refuses (`format`, limits of numbers) is not sent to them, and
        /// all properties are required there.
        schema: Value,
    },
}

impl ResponseFormat {
    /// The JSON of this type.
    pub fn of<T: JsonSchema>() -> Self {
        let allowed = |letter: char| if letter.is_ascii_alphanumeric() || "_-".contains(letter) { letter } else { '_' };
        let name = T::schema_name().chars().map(allowed).take(64).collect();
        ResponseFormat::JsonSchema { name, schema: schema::of::<T>() }
    }

    /// What to tell a model that has no such setting. Empty for text.
    pub fn instructions(&self) -> String {
        match self {
            ResponseFormat::Text => String::new(),
            ResponseFormat::JsonObject => "Answer with a JSON object, and nothing else.".to_owned(),
            ResponseFormat::JsonSchema { schema, .. } => schema::instructions(schema),
        }
    }
}

/// A form that the model does not have goes into the prompt.
pub(crate) fn place(model: &impl ChatModel, mut request: ChatRequest) -> ChatRequest {
    if let Some(format) = request.options.response_format.take_if(|format| !model.has_response_format(format)) {
        request.messages = instructed(request.messages, &format.instructions());
    }
    request
}

/// With this at the end of the system's message.
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
