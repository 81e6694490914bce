//! Faults of the simulator.

mod name;

pub use self::name::UnknownFault;

use std::time::Duration;

use serde_json::Value;

/// A fault of a request.
///
/// If a fault has a field `after`, that many chunks of content are sent before it, but never the events that end the
/// stream. For a request that is not streamed, each fault names its nearest equivalent.
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
    /// The answer, with its first byte delayed by this duration.
    Slow(Duration),
    /// No byte of an answer is ever sent.
    Hang,
    /// The connection is closed before any byte of an answer.
    Vanish,
    /// The answer begins and never continues; the connection stays open. Not streamed: half of the body.
    Stall {
        /// The number of chunks before it.
        after: usize,
    },
    /// The connection is dropped in the middle of the body. Not streamed: half of the declared `content-length`.
    Cut {
        /// The number of chunks before it.
        after: usize,
    },
    /// The connection is dropped in the middle of an event. Not streamed: the same as [`Cut`](Self::Cut).
    CutEvent {
        /// The number of chunks before it.
        after: usize,
    },
    /// The body ends correctly in terms of HTTP, but without the events that end the stream. Not streamed: half of the
    /// JSON, in a body without a `content-length`.
    EarlyEnd {
        /// The number of chunks before it.
        after: usize,
    },
    /// An event between others whose data is not JSON. Not streamed: the same as [`BadBody::Malformed`].
    MalformedEvent {
        /// The number of chunks before it.
        after: usize,
    },
    /// The stream begins with status 200 and ends with the provider's error event. Not streamed: the provider's error
    /// for an overloaded server, with its status.
    ErrorEvent {
        /// The number of chunks before it.
        after: usize,
    },
    /// Status 200 with a body that is not an answer.
    Body(BadBody),
    /// The whole stream without the mark of its end: OpenAI's `[DONE]`, Anthropic's `message_stop`. Gemini and
    /// OpenAI's responses have no such mark, nor have answers that are not streamed; they are complete.
    NoEndMark,
    /// A valid answer without content.
    EmptyAnswer,
    /// A refusal of the model: OpenAI's `refusal` instead of content, or the finish reason of a refusal.
    Refusal,
    /// The arguments of the last tool call are cut off by the limit of tokens. An answer without a tool call gets one.
    /// In Anthropic's and Gemini's protocols arguments are part of the JSON. Anthropic cuts them off in streams, and
    /// sends none otherwise. Gemini omits the call, with the finish reason `MALFORMED_FUNCTION_CALL`.
    TruncatedArguments,
    /// The unchanged answer, with every multi-byte character split over two writes.
    SplitUtf8,
    /// An answer whose text is replaced by this many bytes of filler, regardless of the limit in the request.
    Huge(usize),
}

impl Fault {
    /// Creates an error status with the provider's own body; see [`Status::new`].
    ///
    /// Common ones: 400, 401, 403, 404, 429, 500, 502 (with an HTML page, as gateways send it), 503, 504, and
    /// Anthropic's 529.
    pub fn status(code: u16) -> Status {
        Status::new(code)
    }

    /// Creates a response of status 200 whose JSON body is cut off.
    pub fn malformed_body() -> Self {
        Self::Body(BadBody::Malformed)
    }

    /// Creates a response of status 200 with an HTML page, as captive portals and proxies send it.
    pub fn html_body() -> Self {
        Self::Body(BadBody::Html)
    }

    /// Creates a response of status 200 with an empty body.
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

/// An error status with the provider's wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub(super) code: u16,
    pub(super) message: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) html: bool,
}

impl Status {
    /// Creates a status. Status 502 has an HTML body, all others have the provider's JSON. A number that is not an HTTP
    /// status becomes 500.
    pub fn new(code: u16) -> Self {
        let code = if (200..600).contains(&code) { code } else { 500 };
        Self { code, message: None, retry_after: None, html: code == 502 }
    }

    /// Sets the delay before a retry. OpenAI sends it in the headers `retry-after` (whole seconds) and
    /// `retry-after-ms`, Anthropic in `retry-after`, Gemini in the `RetryInfo` of the body.
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Sets the message, which replaces the provider's default.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Sends an HTML page as the body, like a gateway in between.
    pub fn html(mut self) -> Self {
        self.html = true;
        self
    }
}

/// A body that is not an answer, in a response of status 200.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum BadBody {
    /// An answer that is cut off in the middle of its JSON.
    Malformed,
    /// An HTML page.
    Html,
    /// An empty body that is declared as an answer.
    Empty,
    /// JSON that is not an answer.
    Json(Value),
}
