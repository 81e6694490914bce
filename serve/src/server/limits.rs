//! The limits of a server.

use std::time::Duration;

/// The limits of a server for its clients. All are on by default.
///
/// ```
/// use catena_serve::{Limits, Server};
/// use std::time::Duration;
///
/// let server = Server::new().limits(Limits::new().concurrency(64).deadline(Duration::from_secs(30)));
/// # let _ = server;
/// ```
#[derive(Clone, Debug)]
pub struct Limits {
    pub(crate) body: usize,
    pub(crate) body_time: Duration,
    pub(crate) concurrency: usize,
    pub(crate) deadline: Duration,
    pub(crate) batch: usize,
    pub(crate) batch_concurrency: usize,
    pub(crate) recursion: u32,
    pub(crate) grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body: 2 * 1024 * 1024,
            body_time: Duration::from_secs(30),
            concurrency: 512,
            deadline: Duration::from_mins(5),
            batch: 1000,
            batch_concurrency: 16,
            recursion: catena::RECURSION_LIMIT,
            grace: Duration::from_secs(30),
        }
    }
}

impl Limits {
    /// Returns the defaults.
    pub fn new() -> Self {
        Limits::default()
    }

    /// Sets the size of a request's body, in bytes. Defaults to 2 MiB. A larger one is refused with the status 413.
    pub fn body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// Sets the time in which a request's body has to arrive. Defaults to 30 seconds. A slower one is refused with the
    /// status 408.
    pub fn body_time(mut self, time: Duration) -> Self {
        self.body_time = time;
        self
    }

    /// Sets how many runs may be in flight at once, over all chains; a stream is in flight until its end, and a batch
    /// counts as one. Defaults to 512. Further requests are refused with the status 429 and `Retry-After`.
    pub fn concurrency(mut self, runs: usize) -> Self {
        self.concurrency = runs;
        self
    }

    /// Sets the [deadline](catena::Config::deadline) of a run. Defaults to five minutes. A run that takes longer fails
    /// with the status 504. Clients may ask for an earlier one.
    pub fn deadline(mut self, after: Duration) -> Self {
        self.deadline = after;
        self
    }

    /// Sets how many inputs a batch may have. Defaults to 1000. A longer one is refused with the status 422.
    pub fn batch(mut self, inputs: usize) -> Self {
        self.batch = inputs;
        self
    }

    /// Sets how many inputs of a batch run at once, at least one. Defaults to 16. Clients may ask for fewer.
    pub fn batch_concurrency(mut self, runs: usize) -> Self {
        self.batch_concurrency = runs.max(1);
        self
    }

    /// Sets the highest [recursion limit](catena::Config::recursion_limit) that a client may ask for. Defaults to 25,
    /// which is also the limit of a run for which it does not ask. Each turn takes stack: up to 100 is safe with the
    /// threads of tokio as they are.
    pub fn recursion(mut self, limit: u32) -> Self {
        self.recursion = limit;
        self
    }

    /// Sets how long [`serve`](crate::Server::serve) waits for runs in flight when it shuts down. Defaults to 30
    /// seconds.
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }
}
