use super::{Error, ErrorKind};
use crate::util::visible::{visible, visible_lines};
use std::fmt;

/// The whole story, over several lines.
pub(super) fn write(error: &Error, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    let pad = "  ".repeat(depth);
    let path = error.path();
    let path = if path.is_empty() { "a step" } else { &path };
    let inner = format!("{pad}    ");
    let (name, message) = (error.kind().name(), visible_lines(error.message(), &inner));
    write!(f, "{} failed ({name})\n{pad}  message: {message}", visible(path))?;
    for doing in error.doing() {
        write!(f, "\n{pad}  while: {}", visible_lines(doing, &inner))?;
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
            write!(f, "\n{pad}  caused by: {}", visible_lines(&text, &inner))?;
        }
        said = text;
        cause = source.source();
    }
    if let Some(backtrace) = error.backtrace() {
        let backtrace = backtrace.to_string();
        write!(f, "\n{pad}  backtrace:")?;
        backtrace.lines().try_for_each(|line| write!(f, "\n{pad}    {}", visible(line)))?;
    }
    for other in error.others() {
        write!(f, "\n{pad}  also failed: ")?;
        write(other, f, depth + 1)?;
    }
    Ok(())
}
