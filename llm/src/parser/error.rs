use catena::{Error, ErrorKind};
use std::fmt;

/// The length of an answer in error messages; [`raw`](ParseError::raw) has the whole answer.
const SHOWN: usize = 200;

/// The error of an answer that cannot be parsed. It is the source of the [`catena::Error`] of a parser.
///
/// ```
/// use catena::{ErrorKind, RunnableExt};
/// use catena_llm::parser::{self, ParseError};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let error = parser::json().invoke("I would rather not.").await.unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::Parse { .. }));
/// let parse = error.downcast_ref::<ParseError>().unwrap();
/// assert_eq!((parse.raw(), parse.expected()), ("I would rather not.", "JSON"));
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    raw: String,
    reason: String,
    expected: String,
}

impl ParseError {
    /// Creates an error. `expected` completes the phrase "the answer is not ..".
    pub fn new(raw: impl Into<String>, expected: impl Into<String>, reason: impl Into<String>) -> Self {
        ParseError { raw: raw.into(), reason: reason.into(), expected: expected.into() }
    }

    /// Returns the whole answer.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Returns the reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the description of the expected answer.
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ParseError { raw, reason, expected } = self;
        write!(f, "the answer is not {expected}: {reason}")?;
        match raw.trim() {
            "" => f.write_str(" (it is empty)"),
            raw => match raw.char_indices().nth(SHOWN) {
                None => write!(f, " (it is {raw:?})"),
                Some((end, _)) => write!(f, " (it is {} bytes, and begins with {:?})", self.raw.len(), &raw[..end]),
            },
        }
    }
}

impl std::error::Error for ParseError {}

/// Converts the error to the error of a step, of kind [`ErrorKind::Parse`]. The `?` operator would convert it too, but
/// to another kind.
pub(super) fn failed(error: ParseError) -> Error {
    Error::new(ErrorKind::Parse { raw: error.raw.clone() }, error.to_string()).with_source(error)
}
