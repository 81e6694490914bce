//! Anthropic's messages, and servers with the same protocol.
//!
//! | file | contents |
//! |---|---|
//! | this file | URL and headers, and the response formats that a model has |
//! | `model` | the models: limits, and how they are asked to think |
//! | `write` | the request |
//! | `turns` | the messages of the request: roles that alternate, and each call with its result |
//! | `event` | the JSON of a streamed event |
//! | `block` | a block of an answer that is being read |
//! | `stream` | the reader of a streamed answer |
//! | `read` | the reader of a whole answer |
//! | `tokens` | the tokens of an answer |

mod block;
mod event;
mod model;
mod read;
mod stream;
mod tokens;
mod turns;
mod write;

#[cfg(test)]
mod tests;

#[allow(unused_imports, reason = "the client lands after the protocols")]
pub(crate) use self::{read::read, stream::Reader};
#[allow(unused_imports, reason = "the client lands after the protocols")]
pub(crate) use write::{Settings, has_response_format, write};

use super::names::NameRule;

/// The path of the URL, after the base URL.
pub(crate) const PATH: &str = "messages";

/// The header of the key.
pub(crate) const KEY_HEADER: &str = "x-api-key";

/// The header of the protocol's version, which every request has.
pub(crate) const VERSION_HEADER: (&str, &str) = ("anthropic-version", "2023-06-01");

/// The names of tools that the API accepts.
pub(crate) const NAMES: NameRule = NameRule { longest: 128, letter_first: false };
