//! What goes wrong.

mod name;

pub use self::name::UnknownFault;

use std::time::Duration;

use serde_json::Value;

/// A way for a request to go wrong.
///
/// Where a fault has an `after`, that many chunks of content come first; it strikes at the latest before the events
/// that end the stream. On a request that is not streamed the fault does the nearest thing, as said at each.
///
/// ```
/// use std::time::Duration;
/// use catena_llm::simulator::Fault;
///
/// let limited = Fault::status(429).retry_after(Duration::from_secs(2));
/// let cut = Fault::Cut { after: 3 };
/// # let _ = (limited, cut);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// An error status with the provider's own body.
    Status(Status),
    /// The answer, but its first byte comes this much later.
    Slow(Duration),
    /// No byte of an answer ever comes.
    Hang,
    /// The connection is closed before any byte of an answer.
    Vanish,
    /// The answer begins and then stays where it is, the connection open. Not streamed: half of the body.
    Stall {
        /// Chunks sent before.
        after: usize,
    },
    /// The connection is dropped in the middle of the body. Not streamed: half of the declared `content-length`.
    Cut {
        /// Chunks sent before.
        after: usize,
    },
    /// The connection is dropped in the middle of an event. Not streamed: the same as [`Cut`](Self::Cut).
    CutEvent {
        /// Chunks sent before.
        after: usize,
    },
    /// The body ends as HTTP says it should, but without the events that end the stream.
    /// Not streamed: half of the JSON, in a body without a `content-length`.
    EarlyEnd {
        /// Chunks sent before.
        after: usize,
    },
    /// An event whose data is not JSON, amid the others. Not streamed: the same as [`BadBody::Malformed`].
    MalformedEvent {
        /// Chunks sent before.
        after: usize,
    },
    /// The stream, begun with a 200, ends with the provider's error event. Not streamed: the provider's error for
    /// being overloaded, with its status.
    ErrorEvent {
        /// Chunks sent before.
        after: usize,
    },
    /// Status 200, but the body is not an answer.
    Body(BadBody),
    /// All of the stream but the mark that it is over: OpenAI's `[DONE]`, Anthropic's `message_stop`. Gemini has none,
    /// and nothing is missing; nor where the answer is not streamed.
    NoEndMark,
    /// A valid answer without content.
    EmptyAnswer,
    /// The model refuses: OpenAI's `refusal` in place of content, or the finish reason that stands for it.
    Refusal,
    /// The arguments of the last tool call end in their middle, for the limit of tokens was reached; an answer without
    /// a tool call gets one. Anthropic and Gemini have arguments that are JSON themselves: Anthropic ends them early in
    /// streams and sends none otherwise, Gemini withholds such a call and says `MALFORMED_FUNCTION_CALL`.
    TruncatedArguments,
    /// The answer as it should be, but every character of several bytes is torn over two writes.
    SplitUtf8,
    /// The answer's text is replaced by this many bytes of filler, whatever limit the request sets.
    Huge(usize),
}

impl Fault {
    /// An error status with the provider's own body, as [`Status::new`].
    ///
    /// The usual ones: 400, 401, 403, 404, 429, 500, 502 (an HTML page, as gateways send it), 503, 504, and
    /// Anthropic's 529.
    pub fn status(code: u16) -> Status {
        Status::new(code)
    }

    /// Status 200 with a body that ends in the middle of its JSON.
    pub fn malformed_body() -> Self {
        Self::Body(BadBody::Malformed)
    }

    /// Status 200 with an HTML page, as captive portals and proxies send it.
    pub fn html_body() -> Self {
        Self::Body(BadBody::Html)
    }

    /// Status 200 with no body at all.
    pub fn empty_body() -> Self {
        Self::Body(BadBody::Empty)
    }

    pub(super) fn after(&self) -> Option<usize> {
        match *self {
            Self::Stall { after }
            | Self::Cut { after }
            | Self::CutEvent { after }
            | Self::EarlyEnd { after }
            | Self::MalformedEvent { after }
            | Self::ErrorEvent { after } => Some(after),
            _ => None,
        }
    }
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

/// An error status, worded as the provider words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub(super) code: u16,
    pub(super) message: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) html: bool,
}

impl Status {
    /// This status. A 502 comes with an HTML body, all others with the provider's JSON.
    /// A number HTTP has no status for becomes 500.
    pub fn new(code: u16) -> Self {
        let code = if (200..600).contains(&code) { code } else { 500 };
        Self { code, message: None, retry_after: None, html: code == 502 }
    }

    /// Says when to try again, where the provider says it: OpenAI in the headers `retry-after` (whole seconds) and
    /// `retry-after-ms`, Anthropic in `retry-after`, Gemini in the `RetryInfo` of the body.
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The message, in place of the provider's usual one.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// With an HTML page for a body, as a gateway in between sends it.
    pub fn html(mut self) -> Self {
        self.html = true;
        self
    }
}

/// The body of a response that says 200 and is none.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum BadBody {
    /// Declared as an answer, but it ends in the middle of its JSON.
    Malformed,
    /// An HTML page.
    Html,
    /// Declared as an answer, but of no bytes.
    Empty,
    /// JSON, but not an answer.
    Json(Value),
}
