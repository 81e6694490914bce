//! The JSON format.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`json`], its reader, and the growing value behind it |
//! | `extract` | the JSON in a complete answer |
//! | `groups` | the objects and arrays in a text, by their brackets; the value of an answer so far |
//! | `repair` | incomplete JSON, with its brackets closed |

mod extract;
mod groups;
mod repair;

pub(super) use extract::extract;

use super::{Latest, OutputParser, ParseError, Parser, Reader};
use catena::Types;
use serde_json::Value;

/// Creates a parser of JSON. It accepts JSON alone, in a fenced block, or surrounded by prose. In prose it takes the
/// first object, or the first array if there is no object.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::parser;
/// use serde_json::json;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let value = parser::json().invoke(r#"Sure! {"sky": "blue"} Anything else?"#).await?;
/// assert_eq!(value, json!({ "sky": "blue" }));
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// Yields the value received so far, each time it has grown. Each chunk replaces the preceding one; the last is what
/// `invoke` returns. Strings and numbers at the end may still grow. Each chunk is parsed and copied as a whole. For
/// answers longer than 4 KiB there is therefore one chunk each time the answer has grown by a 64th.
pub const fn json() -> Parser<Json> {
    Parser::new(Json)
}

/// The format of [`json`].
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl OutputParser for Json {
    const NAME: &'static str = "json";
    const STREAMS: bool = true;
    const REPLACES: bool = true;
    type Output = Value;
    type Reader = JsonReader;

    fn reader(&self) -> JsonReader {
        JsonReader(Growing::default())
    }

    fn instructions(&self) -> String {
        "Answer with JSON, and nothing else.".to_owned()
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<Value>();
    }

    fn parse(&self, text: &str) -> catena::Result<Value> {
        extract(text, "JSON").map_err(super::error::failed)
    }
}

/// The reader of [`json`].
#[derive(Debug)]
pub struct JsonReader(Growing);

impl Reader for JsonReader {
    type Output = Value;
    type Chunk = Value;
    type Assembler = Latest<Value>;

    fn assembler(&self) -> Latest<Value> {
        Latest::default()
    }

    fn push(&mut self, text: &str, emit: &mut dyn FnMut(Value)) -> Result<(), ParseError> {
        if let Some(value) = self.0.push(text) {
            emit(value.clone());
        }
        Ok(())
    }

    fn finish(&mut self, emit: &mut dyn FnMut(Value)) -> Result<(), ParseError> {
        let value: Value = extract(&self.0.text, "JSON")?;
        if self.0.last.as_ref() != Some(&value) {
            emit(value);
        }
        Ok(())
    }
}

/// The length up to which every chunk is parsed. A longer answer is parsed when it has grown by a `STEP`th.
const SHORT: usize = 4096;
const STEP: usize = 64;

/// A growing answer, and the last value that was parsed from it.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    pub(in crate::parser) text: String,
    pub(in crate::parser) last: Option<Value>,
    next: usize,
}

impl Growing {
    /// Adds text. Returns the value so far, if it has changed.
    pub(crate) fn push(&mut self, text: &str) -> Option<&Value> {
        self.text.push_str(text);
        if self.text.len() < self.next {
            return None;
        }
        if self.text.len() > SHORT {
            self.next = self.text.len() + self.text.len() / STEP;
        }
        let value = groups::so_far(&self.text)?;
        if self.last.as_ref() == Some(&value) {
            return None;
        }
        Some(self.last.insert(value))
    }
}
