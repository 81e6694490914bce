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

/// JSON: alone, in a fenced block, or the first object with prose around it (the first array, where there is no object).
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
/// Gives the value as far as it has come whenever there is more of it; each takes the place of the one before, and the last
/// is what `invoke` gives. Strings and numbers at the end may still grow. Of long answers, past 4 KiB, there is one such value
/// for each 64th that the answer grows by, because each is read and copied as a whole.
pub const fn json() -> Parser<Json> {
    Parser::new(Json)
}

/// See [`json`].
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

/// Reads JSON as it comes.
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

/// Up to this length every piece is looked at; a longer answer is looked at when it has grown by a `STEP`th.
const SHORT: usize = 4096;
const STEP: usize = 64;

/// An answer that grows, and the last value that was read of it.
#[derive(Debug, Default)]
pub(super) struct Growing {
    pub(super) text: String,
    pub(super) last: Option<Value>,
    next: usize,
}

impl Growing {
    /// The value so far, where it is another one.
    pub(super) fn push(&mut self, text: &str) -> Option<&Value> {
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
