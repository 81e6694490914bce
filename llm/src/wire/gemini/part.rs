use crate::wire::lenient;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use std::fmt;

/// A part of an answer, or a piece of one. Fields of kinds that are not known are kept.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) text: Option<String>,
    pub(super) is_thought: bool,
    pub(super) signature: Option<String>,
    pub(super) call: Option<Value>,
    pub(super) data: Option<Value>,
    pub(super) others: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PieceVisitor)
    }
}

#[derive(Deserialize)]
struct Text(#[serde(deserialize_with = "lenient::piece")] Option<String>);

#[derive(Deserialize)]
struct Truth(#[serde(deserialize_with = "lenient::truth")] Option<bool>);

/// The fields, in the words of the API or of its libraries.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Field {
    #[serde(rename = "text")]
    Text,
    #[serde(rename = "thought")]
    Thought,
    #[serde(rename = "thoughtSignature", alias = "thought_signature")]
    Signature,
    #[serde(rename = "functionCall", alias = "function_call")]
    Call,
    #[serde(rename = "inlineData", alias = "inline_data")]
    Data,
    Other(String),
}

struct PieceVisitor;

impl<'de> Visitor<'de> for PieceVisitor {
    type Value = Piece;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a part")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Piece, A::Error> {
        let mut piece = Piece::default();
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::Text => piece.text = map.next_value::<Text>()?.0,
                Field::Thought => piece.is_thought = map.next_value::<Truth>()?.0 == Some(true),
                Field::Signature => piece.signature = map.next_value::<Text>()?.0.filter(|text| !text.is_empty()),
                Field::Call => piece.call = map.next_value::<Option<Value>>()?,
                Field::Data => piece.data = map.next_value::<Option<Value>>()?,
                // Empty texts are "not known".
                Field::Other(name) if name.is_empty() => drop(map.next_value::<IgnoredAny>()?),
                Field::Other(name) => {
                    if let Some(value) = map.next_value::<Option<Value>>()? {
                        piece.others.insert(name, value);
                    }
                }
            }
        }
        Ok(piece)
    }
}
