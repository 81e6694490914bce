//! Many runs at once, and what bounds a run: concurrency, deadlines, cancellation.

mod always_ready;
mod batch;
mod cancellation;
mod cancelled_recovery;
mod concurrency_limit;
mod hints;
mod hostile;
mod limit_at_work;
mod limit_joined;
mod services;
mod timeout_deadline;
