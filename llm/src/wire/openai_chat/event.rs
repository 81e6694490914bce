use crate::wire::lenient::{self, Every, Struct, Word};
use crate::wire::openai_tokens::Tokens;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use std::{borrow::Cow, fmt};

/// A whole answer, or an event of a streamed one. Every field may be missing. What few events have is in a box, so that what is moved
/// for each piece of a text is small.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    pub(super) id: Word<'a>,
    #[serde(borrow)]
    pub(super) model: Word<'a>,
    #[serde(borrow)]
    pub(super) object: Word<'a>,
    #[serde(borrow)]
    pub(super) choices: Option<Every<Struct<Choice<'a>>>>,
    pub(super) usage: Struct<Box<Tokens>>,
    /// The tokens of a stream of Groq.
    pub(super) x_groq: Struct<Box<Groq>>,
    pub(super) error: Option<Box<Value>>,
    /// The error of `MiniMax`, which is in each answer.
    pub(super) base_resp: Option<Box<Value>>,
    /// The sources of Perplexity.
    pub(super) citations: Option<Box<Value>>,
    pub(super) search_results: Option<Box<Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Groq {
    pub(super) usage: Struct<Box<Tokens>>,
    pub(super) error: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice<'a> {
    #[serde(deserialize_with = "lenient::count")]
    pub(super) index: Option<u64>,
    #[serde(borrow)]
    pub(super) delta: Struct<Delta<'a>>,
    #[serde(borrow)]
    pub(super) message: Struct<Box<Delta<'a>>>,
    /// The text of a server that answers with completions that are not chats.
    #[serde(borrow)]
    pub(super) text: Content<'a>,
    #[serde(borrow)]
    pub(super) finish_reason: Word<'a>,
    /// The tokens of Moonshot.
    pub(super) usage: Struct<Box<Tokens>>,
    pub(super) logprobs: Option<Box<Value>>,
    pub(super) error: Option<Box<Value>>,
}

/// A message, or a piece of one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) content: Content<'a>,
    #[serde(borrow)]
    pub(super) reasoning_content: Content<'a>,
    #[serde(borrow)]
    pub(super) reasoning: Content<'a>,
    /// The reasoning of Copilot, and what it wants back with it.
    #[serde(borrow)]
    pub(super) reasoning_text: Content<'a>,
    pub(super) reasoning_opaque: Option<Box<Value>>,
    pub(super) reasoning_details: Option<Box<Value>>,
    /// Anthropic's blocks, behind `LiteLLM`.
    pub(super) thinking_blocks: Option<Box<Value>>,
    #[serde(borrow)]
    pub(super) refusal: Content<'a>,
    pub(super) tool_calls: Every<Struct<CallPiece>>,
    /// The form of calls before there were several.
    pub(super) function_call: Struct<Box<Function>>,
    pub(super) extra_content: Option<Box<Value>>,
    pub(super) audio: Option<Box<Value>>,
    pub(super) images: Option<Box<Value>>,
    pub(super) annotations: Option<Box<Value>>,
}

/// A tool call, or a piece of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallPiece {
    /// A number, or a text that names the call.
    #[serde(deserialize_with = "lenient::text")]
    pub(super) index: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
    pub(super) function: Struct<Function>,
    /// The form of calls of tools without a schema.
    pub(super) custom: Struct<Box<Function>>,
    pub(super) extra_content: Option<Value>,
    /// The form of servers that send no `function`.
    #[serde(deserialize_with = "lenient::text")]
    pub(super) name: Option<String>,
    pub(super) arguments: Option<Box<Value>>,
    pub(super) parameters: Option<Box<Value>>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Function {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "arguments")]
    pub(super) arguments: String,
    /// The arguments of tools without a schema.
    pub(super) input: Option<Box<Value>>,
    /// The name that some models have for the arguments.
    pub(super) parameters: Option<Box<Value>>,
}

impl CallPiece {
    /// Returns the function that is called, wherever it is in the piece, and whether it is a tool without a schema.
    pub(super) fn called(&mut self) -> Result<(Option<String>, String, bool), Value> {
        let is_custom = self.custom != Struct::Nothing;
        let custom = match std::mem::take(&mut self.custom) {
            Struct::Read(function) => Struct::Read(*function),
            Struct::Other(other) => Struct::Other(other),
            Struct::Nothing => Struct::Nothing,
        };
        let Function { name, arguments, input, parameters } = match (std::mem::take(&mut self.function), custom) {
            (Struct::Read(function), _) | (_, Struct::Read(function)) => function,
            (Struct::Other(other), _) | (_, Struct::Other(other)) => return Err(*other),
            (Struct::Nothing, Struct::Nothing) => Function::default(),
        };
        let others = [input, parameters, self.arguments.take(), self.parameters.take()].into_iter().flatten();
        let arguments = if arguments.is_empty() {
            others.map(|value| json_text(*value)).find(|text| !text.is_empty()).unwrap_or_default()
        } else {
            arguments
        };
        Ok((name.or(self.name.take()), arguments, is_custom))
    }
}

fn json_text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        value => value.to_string(),
    }
}

/// Reads arguments: a text, or JSON that is not in a text. `null` is no text.
fn arguments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Content::deserialize(deserializer)? {
        Content::Nothing => String::new(),
        Content::Text(text) => text.into_owned(),
        Content::Other(value) => value.to_string(),
    })
}

/// A text, or something else, such as a list of parts.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Content<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Other(Box<Value>),
}

impl<'a> Content<'a> {
    /// Returns the text, unless it is empty: that of a string, or of all parts of a list.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Content::Nothing => None,
            Content::Text(text) => Some(text).filter(|text| !text.is_empty()),
            Content::Other(value) => Some(texts(&value)).filter(|text| !text.is_empty()).map(Cow::Owned),
        }
    }
}

/// Returns the texts in a list of parts, or in one part.
pub(super) fn texts(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(texts).collect(),
        Value::Object(part) => part.get("text").map(texts).unwrap_or_default(),
        _ => String::new(),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Content::Nothing)
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Content::Other(Box::new(truth.into())))
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(count.to_string())))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: de::Error>(self, float: f64) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(float.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(|list| Content::Other(Box::new(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(de::value::MapAccessDeserializer::new(map)).map(|part| Content::Other(Box::new(part)))
    }
}
