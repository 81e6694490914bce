//! Parsers, which turn the answer of a model into a value.
//!
//! Each parser is a step from a [`Message`](crate::Message) or text. After a model it parses the answer while it
//! arrives:
//!
//! ```
//! use catena::prelude::*;
//! use catena_llm::parser;
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//!
//! #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
//! struct City { name: String, people: u64 }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let answer = "Here you are:\n```json\n{\"name\": \"Rome\", \"people\": 2750000}\n```";
//! let city = parser::typed::<City>().invoke(answer).await?;
//! assert_eq!(city, City { name: "Rome".into(), people: 2_750_000 });
//!
//! assert_eq!(parser::comma_list().invoke("red, green, blue").await?, ["red", "green", "blue"]);
//! # Ok::<(), catena::Error>(()) }).unwrap();
//! ```
//!
//! | parser | output | on a stream |
//! |---|---|---|
//! | [`text`] | the text | its chunks |
//! | [`json`] | a [`serde_json::Value`] | the value so far, repeatedly |
//! | [`typed`] | a value of a type | [`Partial`]s of it |
//! | [`choice`], [`choice_of`] | one of several words | buffered |
//! | [`comma_list`], [`numbered_list`], [`bulleted_list`] | a list of texts | item by item |
//! | [`code_block`], [`code_block_in`] | the contents of a fenced block | its text, line by line or faster |
//!
//! Thoughts at the beginning of an answer, between `<think>` and `</think>`, are not part of it. Only [`text`] returns
//! them.
//!
//! An answer that cannot be parsed is an error of the kind [`Parse`](catena::ErrorKind::Parse) with a [`ParseError`] as
//! its source. [`fix_with`](Parser::fix_with) lets a model correct such an answer.
//!
//! [`OutputParser`] is the trait of custom formats.

mod as_text; // the inputs of a parser
mod choice; // one of several words
mod code_block; // the contents of a fenced block
mod error; // `ParseError`
mod fix; // a parser whose failures a model corrects
mod format; // the trait of a format, and of what reads it
mod json; // JSON, complete or as far as it has arrived
mod latest; // chunks that replace one another
mod lines; // a text line by line
mod list; // comma-separated, numbered and bulleted lists
mod step; // a format as a step
mod stream; // the stream of that step
mod text; // the text itself
mod thoughts; // thoughts at the beginning of an answer, which are left out
mod typed; // values of a type, from JSON

pub use as_text::AsText;
pub use choice::{Choice, choice, choice_of};
pub use code_block::{CodeBlock, CodeReader, code_block, code_block_in};
pub use error::ParseError;
pub use fix::FixWith;
pub use format::{OutputParser, Reader, WholeReader};
pub(crate) use json::Growing;
pub use json::{Json, JsonReader, json};
pub use latest::Latest;
pub use list::{List, ListReader, bulleted_list, comma_list, numbered_list};
pub use step::Parser;
pub use text::{Text, TextReader, text};
pub(crate) use thoughts::without as without_thoughts;
pub use typed::{Answer, Partial, Typed, TypedAssembler, TypedReader, typed};
