//! The failure as the body of a response: one shape for all doors, which OpenAI's clients read too.

use super::Failure;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

impl Failure {
    /// Returns the error as JSON, in the fields of OpenAI's errors.
    pub(crate) fn error(&self) -> Value {
        json!({
            "message": self.message,
            "type": self.class(),
            "code": self.code,
            "param": self.field,
        })
    }

    /// The class of the error, in OpenAI's words.
    fn class(&self) -> &'static str {
        match self.status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_server_error() => "server_error",
            _ => "invalid_request_error",
        }
    }

    /// Returns the seconds to wait, at least one.
    fn seconds(&self) -> Option<u64> {
        let wait = self.retry_after?;
        Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }
}

/// `message` also stands at the top, since LangChain's client for JavaScript looks for it there.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error(), "message": self.message });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.seconds() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
