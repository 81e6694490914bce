//! Failures as answers.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use catena::{Error, ErrorKind};
use serde_json::json;

/// An error of a model, on its way to the client.
pub(crate) struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self.0.kind() {
            ErrorKind::BadInput => StatusCode::BAD_REQUEST,
            ErrorKind::Timeout { .. } | ErrorKind::Deadline => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        };
        tracing::warn!(error = %self.0, "a request failed");
        (status, Json(json!({ "error": self.0.message() }))).into_response()
    }
}
