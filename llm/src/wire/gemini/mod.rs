//! Gemini's `generateContent`, and servers with the same protocol.
//!
//! | file | contents |
//! |---|---|
//! | this file | URL and headers |
//! | `model` | the models: how they are asked to think |
//! | `write` | the request |
//! | `turns` | the contents of the request: each call with its result, and signatures in their place |
//! | `event` | the JSON of an answer, or of an event of a streamed one |
//! | `part` | a part of an answer |
//! | `call` | a call in an answer, whole or in pieces |
//! | `stream` | the reader of a streamed answer |
//! | `read` | the reader of a whole answer |
//! | `tokens` | the tokens of an answer |

mod call;
mod event;
mod model;
mod part;
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
pub(crate) use write::{has_response_format, write};

use super::names::NameRule;

/// The header of the key.
pub(crate) const KEY_HEADER: &str = "x-goog-api-key";

/// The names of functions that the API accepts.
pub(crate) const NAMES: NameRule = NameRule { longest: 64, letter_first: true };

/// Returns the path of the URL, after the base URL. A name with a slash, such as `tunedModels/..`, is a whole path.
pub(crate) fn path(model: &str, stream: bool) -> String {
    let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
    let folder = if model.contains('/') { "" } else { "models/" };
    format!("{folder}{model}:{method}")
}
