//! The gate that each request passes before its chain runs.

use super::{Holder, body, identified::Identity};
use crate::{failure::Failure, response::Streams, server::Limits};
use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, StatusCode, request::Parts},
};
use catena::{CancellationToken, Config, RunId};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The user's function from a request to the configuration of its run.
pub(crate) type Configure = Arc<dyn Fn(&Parts) -> catena::Result<Config> + Send + Sync>;

/// The state that all protocols of a server share.
pub(crate) struct Gate {
    pub(crate) limits: Limits,
    pub(crate) debug: bool,
    /// The streams that can be resumed, if any can.
    pub(crate) streams: Option<Arc<Streams>>,
    permits: Arc<Semaphore>,
    configure: Option<Configure>,
    closing: AtomicBool,
    /// Cancels all runs.
    cancel: CancellationToken,
}

/// The run that a request may begin.
pub(crate) struct Ticket {
    /// One of the runs that may be in flight. It is given back when it is dropped.
    pub(crate) permit: OwnedSemaphorePermit,
    pub(crate) run_id: RunId,
    /// The user who may resume the run's stream, if streams can be resumed.
    pub(crate) holder: Option<Holder>,
}

/// A request that may run a chain.
pub(crate) struct Admitted {
    pub(crate) ticket: Ticket,
    /// The server's settings of the run. A client's settings go inside.
    pub(crate) config: Config,
}

/// The same, with its body.
pub(crate) struct Entered {
    pub(crate) ticket: Ticket,
    pub(crate) config: Config,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Gate {
    pub(crate) fn new(limits: Limits, debug: bool, resumable: Option<Duration>, configure: Option<Configure>) -> Self {
        let streams = resumable.map(|wait| Arc::new(Streams::new(wait)));
        let permits = Arc::new(Semaphore::new(limits.concurrency.min(Semaphore::MAX_PERMITS)));
        Gate {
            limits,
            debug,
            streams,
            permits,
            configure,
            closing: AtomicBool::new(false),
            cancel: CancellationToken::new(),
        }
    }

    /// Lets a request in: takes a permit, asks the user's function, and reads the body.
    pub(crate) async fn enter(&self, request: Request) -> Result<Entered, Failure> {
        let (parts, body) = request.into_parts();
        let Admitted { ticket, config } = self.admit(&parts)?;
        let body = body::read(body, &self.limits).await?;
        Ok(Entered { ticket, config, headers: parts.headers, body })
    }

    /// Lets a request in whose body is read elsewhere.
    pub(crate) fn admit(&self, parts: &Parts) -> Result<Admitted, Failure> {
        if self.is_closing() {
            return Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "closing", "the server is shutting down"));
        }
        let permit = Arc::clone(&self.permits).try_acquire_owned().map_err(|_| Failure::busy())?;
        let mut config = Config::new().deadline(self.limits.deadline).cancel(self.cancel.clone());
        if self.configure.is_some() {
            config = config.within(self.configure(parts)?);
        }
        let holder = self.streams.is_some().then(|| Holder::of(&config, &parts.headers));
        if let Some(Identity { id, trace }) = parts.extensions.get() {
            config = config.metadata("request_id", id.as_str()).with(id.clone()).with(*trace);
        }
        Ok(Admitted { ticket: Ticket { permit, run_id: RunId::random(), holder }, config })
    }

    /// Returns the user of a request that reads a stream again: a request that may not run a chain may not read its
    /// streams.
    pub(crate) fn holder(&self, parts: &Parts) -> Result<Holder, Failure> {
        Ok(Holder::of(&self.configure(parts)?, &parts.headers))
    }

    /// Asks the user's function for the configuration of a request.
    pub(crate) fn configure(&self, parts: &Parts) -> Result<Config, Failure> {
        match &self.configure {
            Some(configure) => configure(parts).map_err(|error| self.failure(&error)),
            None => Ok(Config::new()),
        }
    }

    /// Returns the failure for the error of a run, and logs the error itself.
    pub(crate) fn failure(&self, error: &catena::Error) -> Failure {
        let failure = Failure::of_run(error, self.debug);
        if failure.status.is_server_error() {
            tracing::error!(status = failure.status.as_u16(), error = %error, "a run failed");
        } else {
            tracing::info!(status = failure.status.as_u16(), error = %error, "a run failed");
        }
        failure
    }

    /// From here on, requests are refused.
    pub(crate) fn close(&self) {
        self.closing.store(true, Relaxed);
    }

    /// The token that cancels all runs.
    #[cfg(feature = "mcp")]
    pub(crate) fn cancellation(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Cancels the runs in flight.
    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Completes when no run is in flight, once requests are refused.
    pub(crate) async fn idle(&self) {
        let all = u32::try_from(self.limits.concurrency.min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        let _ = self.permits.acquire_many(all).await;
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Relaxed)
    }
}
