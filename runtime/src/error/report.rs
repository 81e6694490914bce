use super::{Error, ErrorKind};
use std::fmt;

/// An [`Error`] as a [`std::error::Error`], for code that wants one; see [`Error::into_std`].
#[derive(Clone)]
pub struct StdError(pub(super) Error);

impl StdError {
    /// The error inside.
    pub fn get(&self) -> &Error {
        &self.0
    }
}

impl fmt::Display for StdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for StdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl std::error::Error for StdError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source().map(|e| e as _)
    }
}

/// The whole story, over several lines.
pub(super) fn write(error: &Error, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    let pad = "  ".repeat(depth);
    let path = error.path();
    let path = if path.is_empty() { "a step" } else { &path };
    write!(f, "{path} failed ({})\n{pad}  message: {}", error.kind().name(), error.message())?;
    for doing in error.doing() {
        write!(f, "\n{pad}  while: {doing}")?;
    }
    match error.kind() {
        ErrorKind::Timeout { after } => write!(f, "\n{pad}  limit: {after:?}")?,
        ErrorKind::Parse { raw } => write!(f, "\n{pad}  raw output: {raw:?}")?,
        _ => {}
    }
    if let Some(after) = error.retry_after() {
        write!(f, "\n{pad}  retry after: {after:?}")?;
    }
    write!(f, "\n{pad}  attempts: {}, worth retrying: {}", error.attempts(), error.is_retryable())?;
    let mut said = error.message().to_owned();
    let mut cause = error.source().map(|e| e as &(dyn std::error::Error + 'static));
    while let Some(source) = cause {
        let text = source.to_string();
        // Most of our errors repeat the words of their source: once is enough.
        if text != said {
            write!(f, "\n{pad}  caused by: {text}")?;
        }
        said = text;
        cause = source.source();
    }
    for other in error.others() {
        write!(f, "\n{pad}  also failed: ")?;
        write(other, f, depth + 1)?;
    }
    Ok(())
}
