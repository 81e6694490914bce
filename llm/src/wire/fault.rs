use crate::FinishReason;
use serde_json::Value;

/// The reason that bytes are not a (complete) answer. `provider::error` turns it into an error with the host, the kind
/// and without secrets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The server reports an error, in this JSON, in whichever form: an object with `error`, the error itself, a
    /// string, a list.
    Reported(Value),
    /// JSON that is neither an answer nor an error.
    NotAnAnswer(Value),
    /// Text that is not JSON where JSON has to be, with the reason.
    NotJson { text: String, why: String },
    /// A tool call that cannot be read, with the reason.
    BadCall { call: String, why: &'static str },
    /// The prompt was blocked, with the provider's reason.
    Blocked { reason: String, raw: String },
    /// The model refused, in its own words.
    Refused { words: String },
    /// The answer is complete, but has neither text nor calls.
    Empty { finish: Option<FinishReason>, raw: String },
    /// The stream ended before the answer was complete.
    Early,
    /// The stream ended without any event; `blank` if the body was empty.
    NoEvents { blank: bool },
    /// A bound was exceeded. `bound` names it: "one event has more than 16 MiB".
    TooLarge { bound: String },
    /// The request cannot be written in this protocol.
    Unsupported(String),
}

/// The most bytes that are kept of text that is not JSON.
const KEPT: usize = 1 << 20;

impl Fault {
    /// Returns the fault of text that is not JSON.
    #[cold]
    pub(crate) fn not_json(text: &str, why: &serde_json::Error) -> Self {
        let end = (0..=KEPT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        Fault::NotJson { text: text[..end].to_owned(), why: why.to_string() }
    }
}
