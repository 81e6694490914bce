//! The protocols of providers, as pure functions between our types and bytes. There is no HTTP in this room.
//!
//! | file or folder | contents |
//! |---|---|
//! | this file | what the protocols have in common: [`Target`], [`ReadStream`] |
//! | `fault` | [`Fault`]: why bytes are not an answer |
//! | `lenient` | JSON of which every field may be missing, null, empty, or of another type |
//! | `sse` | events from packets |
//! | `halves` | characters whose halves are in two events |
//! | `several` | events whose data is not one JSON value |
//! | `usage` | tokens that are reported in parts |
//! | `openai_tokens`, `openai_tools` | tokens and tools in both protocols of OpenAI |
//! | `logprobs` | log probabilities of tokens |
//! | `media` | images and files |
//! | `inline` | the same for events of a stream, without an intermediate `Value` |
//! | `names`, `ids`, `arguments` | names of tools, ids and arguments of calls, in a form that a provider accepts |
//! | `pairs` | the calls of a conversation with their results |
//! | `refs` | the references in a schema |
//! | `bytes` | arbitrary bytes as answers, for the fuzz targets |
//! | `embeddings` | vectors of texts, in two protocols |
//! | `openai_chat`, `openai_responses`, `anthropic`, `gemini` | a protocol each: `write` for what is sent, `read` for a whole answer, `stream` for a streamed one |

pub(crate) mod anthropic;
pub(crate) mod arguments;
mod bytes;
#[cfg(test)]
mod corpus;
pub(crate) mod embeddings;
mod fault;
pub(crate) mod gemini;
pub(crate) mod halves;
pub(crate) mod ids;
pub(crate) mod inline;
pub(crate) mod lenient;
mod logprobs;
mod media;
pub(crate) mod names;
#[cfg(test)]
mod odd_fields_tests;
pub(crate) mod openai_chat;
pub(crate) mod openai_responses;
mod openai_tokens;
mod openai_tools;
pub(crate) mod pairs;
pub(crate) mod refs;
pub(crate) mod rerank;
pub(crate) mod several;
pub(crate) mod sse;
#[cfg(all(test, feature = "simulator"))]
mod strict_tests;
mod usage;

pub use bytes::read_bytes;
pub(crate) use fault::Fault;

use crate::MessageChunk;

/// Parses an event or a body.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(data: &str) -> Result<T, Fault> {
    lenient::parse(data).map_err(|error| Fault::not_json(data, &error))
}

/// The destination of a request, as far as the body depends on it.
#[derive(Clone, Debug)]
pub(crate) struct Target<'a> {
    /// The provider's name for the model.
    pub(crate) model: &'a str,
    /// The protocol and the host. A [`ProviderState`](crate::ProviderState) of another origin is left out of the
    /// request, and states in the answer get this origin.
    pub(crate) origin: &'a str,
    /// `true` if the answer is to be streamed.
    pub(crate) stream: bool,
}

/// A reader of a streamed answer.
///
/// Once the body has ended, `end` decides whether the answer is complete. An event after [`Flow::Done`] is not read.
pub(crate) trait ReadStream: Send {
    /// Reads one event. `name` is its `event:` field, or empty. Chunks are appended to `out`.
    fn event(&mut self, name: &str, data: &str, out: &mut Vec<MessageChunk>) -> Result<Flow, Fault>;

    /// Reads the end of the body: appends what is left, such as the finish reason and the tokens.
    fn end(&mut self, out: &mut Vec<MessageChunk>) -> Result<(), Fault>;

    /// Returns the tokens that were reported so far, for errors.
    fn usage(&self) -> Option<crate::Usage>;
}

/// The state of a stream after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// More events may follow.
    More,
    /// The protocol's own end: `[DONE]`, `message_stop`, `response.completed`.
    Done,
}
