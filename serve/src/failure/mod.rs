//! Failed requests: a status, a code and a message that is safe to show.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Failure`] |
//! | `of_run` | the failure for the error of a run |
//! | `body` | the failure as the body of a response |

mod body;
mod of_run;

use axum::http::StatusCode;
use std::{borrow::Cow, time::Duration};

/// A reason that a request is not answered with an output.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    /// A stable name of the kind: `rate_limited`.
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    /// The place in the body, for a value that cannot be read.
    pub(crate) field: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// The path of the step that failed, for a failed run. Only the page shows it.
    pub(crate) path: String,
}

/// The status for a client that left. No client sees it; logs do.
pub(crate) const CLIENT_CLOSED: u16 = 499;

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Failure { status, code, message: message.into(), field: None, retry_after: None, path: String::new() }
    }

    /// A body that is not what the door reads.
    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Failure::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// A value that is not what the chain takes.
    pub(crate) fn unprocessable(message: impl Into<Cow<'static, str>>) -> Self {
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "unprocessable", message)
    }

    pub(crate) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Failure::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// Too many requests at once.
    pub(crate) fn busy() -> Self {
        let message = "the server has as many runs in flight as it allows: try again";
        Failure::new(StatusCode::TOO_MANY_REQUESTS, "busy", message).after(Duration::from_secs(1))
    }

    pub(crate) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// JSON that cannot be read as a value: a place, and a reason in the words of `serde`. `root` is the place of the
    /// value in the body.
    pub(crate) fn unreadable(root: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let inner = error.path().to_string();
        let field = match (root, &*inner) {
            (root, "." | "?") => root.to_owned(),
            ("", inner) => inner.to_owned(),
            (root, inner) if inner.starts_with('[') => format!("{root}{inner}"),
            (root, inner) => format!("{root}.{inner}"),
        };
        let reason = reason(error.inner());
        if !error.inner().is_data() {
            return Failure::bad_request(format!("the body is not JSON: {reason}"));
        }
        if field.is_empty() {
            return Failure::unprocessable(reason);
        }
        Failure::unprocessable(format!("{field}: {reason}")).at(field)
    }
}

/// The words of `serde` without the line and column, which are those of a part of the body. Long values are cut.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rfind(" at line ").map_or(&*text, |end| &text[..end]);
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
