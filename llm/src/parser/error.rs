use catena::{Error, ErrorKind};
use std::fmt;

/// How much of an answer messages show; all of it is in [`raw`](ParseError::raw).
const SHOWN: usize = 200;

/// Why an answer could not be read. It is the source of the [`catena::Error`] that a parser fails with.
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
    /// This answer is not what was expected (the end of the phrase "the answer is not .."), for this reason.
    pub fn new(raw: impl Into<String>, expected: impl Into<String>, reason: impl Into<String>) -> Self {
        ParseError { raw: raw.into(), reason: reason.into(), expected: expected.into() }
    }

    /// The answer as it came, whole.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// What is wrong with it.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What it should have been.
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

/// As the error of a step. It would be one by `?` as well, but not of this kind.
pub(super) fn failed(error: ParseError) -> Error {
    Error::new(ErrorKind::Parse { raw: error.raw.clone() }, error.to_string()).with_source(error)
}
