//! Cancellation of runs.

use crate::{Config, Context, Error, ErrorKind};
use futures_util::future::{pending, select_all};
use tokio_util::sync::CancellationToken;

impl Config {
    /// Sets a token that cancels the run: at its next `.await`, with [`ErrorKind::Cancelled`]. Everything that runs under it is
    /// dropped, and so stops. Retries and fallbacks do not recover from it. A batch returns the items that had finished. With a
    /// token that is already cancelled, nothing begins. Each token of nested configurations applies to its part.
    ///
    /// ```
    /// use catena::{CancellationToken, Config, ErrorKind, prelude::*};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let forever = chain!(u32 => |n| { std::future::pending::<()>().await; n });
    /// let stop = CancellationToken::new();
    /// let run = forever.invoke_with(1, Config::new().run_name("night").cancel(stop.clone()));
    /// let (outcome, ()) = futures_util::join!(run, async { stop.cancel() });
    /// let error = outcome.unwrap_err();
    /// assert_eq!((error.kind(), error.path().as_str()), (&ErrorKind::Cancelled, "night"));
    /// # });
    /// ```
    pub fn cancel(mut self, token: CancellationToken) -> Self {
        self.cancel = vec![token];
        self
    }

    /// Fails if a token of this configuration is cancelled already.
    pub(crate) fn check_cancelled(&self) -> Result<(), Error> {
        if self.cancel.iter().any(CancellationToken::is_cancelled) { Err(cancelled()) } else { Ok(()) }
    }

    /// Completes when a token of this configuration is cancelled.
    pub(crate) async fn cancelled(&self) -> Error {
        first_cancelled(&self.cancel).await;
        cancelled()
    }
}

/// Completes when one of these tokens is cancelled, which may be never.
async fn first_cancelled(tokens: &[CancellationToken]) {
    match tokens {
        [] => pending().await,
        [token] => token.cancelled().await,
        tokens => {
            select_all(tokens.iter().map(|token| Box::pin(token.cancelled()))).await;
        }
    }
}

#[cold]
fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the run was cancelled")
}

impl Context {
    /// An error that a step is to recover from, by another attempt or another step. If the run is cancelled none
    /// does: a step that gives up because of it can fail before the run has noticed.
    ///
    /// Nor from recursion without an end, which the next attempt and the next step would only begin again.
    #[inline]
    pub(crate) fn recoverable(&self, error: Error) -> Result<Error, Error> {
        if !error.is_recoverable() {
            return Err(error);
        }
        if self.bounds().is_none() { Ok(error) } else { self.recoverable_within_bounds(error) }
    }

    fn recoverable_within_bounds(&self, error: Error) -> Result<Error, Error> {
        match error.kind() {
            _ if !self.is_cancelled() => Ok(error),
            ErrorKind::Cancelled => Err(error),
            _ => Err(cancelled().with_others([error])),
        }
    }

    /// Returns `true` if the run was [cancelled](Config::cancel). It is meant for long work between two `.await`s, or on a thread
    /// for blocking work.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable(blocking)]
    /// fn index(pages: Vec<String>, cx: &Context) -> usize {
    ///     pages.iter().take_while(|_| !cx.is_cancelled()).map(String::len).sum()
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(index.invoke(vec!["one".to_owned()]).await?, 3);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.bounds().is_some_and(|bounds| bounds.cancel.iter().any(CancellationToken::is_cancelled))
    }

    /// Completes when the run is [cancelled](Config::cancel), which may be never. It is meant for resources that must be stopped
    /// actively, such as a process. A step that only awaits does not need it, because it is dropped.
    pub async fn cancelled(&self) {
        first_cancelled(self.bounds().map_or(&[], |bounds| &*bounds.cancel)).await;
    }
}
