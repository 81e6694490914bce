//! OpenAI's responses.
//!
//! | file | contents |
//! |---|---|
//! | `write` | a request |
//! | `items` | the messages of a request, as items |
//! | `read` | a whole answer |
//! | `stream` | a streamed answer, and the items in it |
//! | `open_item` | an item of a streamed answer that is not complete |
//! | `event` | the JSON of an event, and of the answer in it |

mod event;
mod items;
mod open_item;
mod read;
mod stream;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use read::read;
pub(crate) use stream::Reader;
pub(crate) use write::{has_response_format, write};

use super::names::NameRule;

/// The names of tools that the API accepts.
pub(crate) const NAMES: NameRule = NameRule { longest: 64, letter_first: false };

/// The type of calls of tools without a schema.
const CUSTOM_CALL: &str = "custom_tool_call";
