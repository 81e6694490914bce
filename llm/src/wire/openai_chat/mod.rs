//! OpenAI's chat completions, as OpenAI and the many servers that resemble it speak them.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Dialect`], in which servers differ |
//! | `write` | requests |
//! | `turns` | the messages of a request: each call with its result |
//! | `read` | whole answers |
//! | `stream` | [`Reader`], for streamed answers, and for whole ones as streams of one event |
//! | `event` | the JSON of an answer and of an event |
//! | `calls` | tool calls, put together from their pieces |
//! | `arguments` | the arguments of a call, without what repeats |
//! | `think` | thoughts in the text, between `<think>` and `</think>` |
//! | `state` | the forms of state that goes back |
//! | `finish_reason` | the reason that the model stopped |

mod arguments;
mod calls;
mod event;
mod finish_reason;
mod read;
mod state;
mod stream;
mod think;
mod turns;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use read::read;
pub(crate) use stream::Reader;
pub(crate) use turns::audio_format;
pub(crate) use write::write;

use super::names::NameRule;

/// The path of the URL, after the base URL.
pub(crate) const PATH: &str = "chat/completions";

/// The names of functions that the API accepts.
pub(crate) const NAMES: NameRule = NameRule { longest: 64, letter_first: false };

/// The parts of the protocol in which servers differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// The field for the limit of tokens: `max_tokens` or `max_completion_tokens`.
    pub(crate) max_tokens: &'static str,
    /// `true` if a streamed request asks for the tokens, by `stream_options`.
    pub(crate) stream_options: bool,
    /// `true` if the server knows `top_k`, which OpenAI's does not.
    pub(crate) top_k: bool,
    /// `true` if the server knows `service_tier`.
    pub(crate) service_tier: bool,
    /// The length of the longest id of a call that the server takes.
    pub(crate) longest_id: Option<usize>,
    /// The server, as errors call it.
    pub(crate) title: &'static str,
}

impl Default for Dialect {
    fn default() -> Self {
        Dialect {
            max_tokens: "max_tokens",
            stream_options: true,
            top_k: true,
            service_tier: true,
            longest_id: None,
            title: "the server",
        }
    }
}
