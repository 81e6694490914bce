//! JSON Schemas of answers.
//!
//! | file | contents |
//! |---|---|
//! | this file | the schema of a type, the instruction that puts it into a prompt, the words of an enum |
//! | `strict` | the form of a schema that providers accept as strict |

#[cfg(feature = "providers")]
mod strict;

#[cfg(feature = "providers")]
pub(crate) use strict::strict;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

/// Returns the schema of a type, for deserialization.
pub(crate) fn of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with(|settings| settings.meta_schema = None);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Returns the instructions that make a model answer with JSON of a schema.
pub(crate) fn instructions(schema: &Value) -> String {
    format!("Answer with JSON that fits this JSON Schema, and nothing else:\n{schema}")
}

/// Returns the words of an enum of unit variants; empty for any other type.
pub(crate) fn words(schema: &Value) -> Vec<String> {
    find_words(schema).unwrap_or_default()
}

fn find_words(schema: &Value) -> Option<Vec<String>> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(word_of_one) = schema.get("const") {
        return Some(vec![word(word_of_one)?]);
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.iter().map(word).collect();
    }
    // Documented variants are schemas of their own.
    let variants = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(key)?.as_array())?;
    let words: Option<Vec<Vec<String>>> = variants.iter().map(find_words).collect();
    Some(words?.concat())
}

#[cfg(test)]
mod tests {
    use super::{of, words};
    use schemars::JsonSchema;

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    enum Plain {
        /// The first.
        A,
        B,
    }

    #[test]
    fn the_words_of_an_enum() {
        // Undocumented variants come first.
        assert_eq!(words(&of::<Plain>()), ["B", "A"]);
        assert!(words(&of::<Option<u8>>()).is_empty());
        assert!(words(&of::<Result<u8, u8>>()).is_empty());
    }
}
