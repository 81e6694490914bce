//! The id of the call that a tool is in.

use std::future::Future;

tokio::task_local! {
    static CALL: String;
}

/// Runs the work of a call.
pub(super) async fn within<F: Future>(id: String, work: F) -> F::Output {
    CALL.scope(id, work).await
}

/// Returns the id of the call around this code. A tool itself gets its arguments alone.
pub(crate) fn current() -> Option<String> {
    CALL.try_with(String::clone).ok()
}
