//! The failure for the error of a run.

use super::{CLIENT_CLOSED, Failure};
use axum::http::StatusCode;
use catena::{Error, ErrorKind};
use catena_llm::budget::BudgetExceeded;

impl Failure {
    /// Returns the failure for an error. Its message says what kind of error it is, and no more: the error's own words
    /// may name files, prompts and keys. They are shown if `debug` is set.
    pub(crate) fn of_run(error: &Error, debug: bool) -> Self {
        let mut failure = of_kind(error);
        failure.retry_after = error.retry_after();
        failure.path = error.path();
        if debug {
            failure.message = format!("{error:?}").into();
        }
        failure
    }
}

fn of_kind(error: &Error) -> Failure {
    if error.downcast_ref::<BudgetExceeded>().is_some() {
        return Failure::new(StatusCode::PAYMENT_REQUIRED, "budget_exceeded", "the budget of the run is used up");
    }
    let (status, message) = match error.kind() {
        ErrorKind::BadInput => (StatusCode::UNPROCESSABLE_ENTITY, "the chain refused its input or a setting"),
        ErrorKind::Auth => (StatusCode::UNAUTHORIZED, "credentials are missing or were refused"),
        ErrorKind::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "a provider is rate limited: try again later"),
        ErrorKind::Unavailable { .. } => (StatusCode::BAD_GATEWAY, "a provider did not work: try again later"),
        ErrorKind::Parse { .. } => (StatusCode::BAD_GATEWAY, "an answer of a model could not be read"),
        ErrorKind::Timeout { .. } => (StatusCode::GATEWAY_TIMEOUT, "a step took longer than its timeout"),
        ErrorKind::Deadline => (StatusCode::GATEWAY_TIMEOUT, "the run took longer than its deadline"),
        ErrorKind::Cancelled => {
            let closed = StatusCode::from_u16(CLIENT_CLOSED).unwrap_or(StatusCode::BAD_REQUEST);
            (closed, "the run was cancelled")
        }
        ErrorKind::Recursion { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "the chain ran through itself too often"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "a step of the chain failed"),
    };
    Failure::new(status, error.kind().name(), message)
}
