//! The thread that reads and writes. Requests that come while it is busy are one transaction, and wait for the disk together.

use super::{
    failure::{explain, is_busy},
    open::LONGEST,
};
use catena::{Error, ErrorKind, Result};
use futures_util::future::BoxFuture;
use rusqlite::Connection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// The most requests that wait for the thread. Further ones are refused.
const QUEUE: usize = 16 * 1024;

/// The most requests of one transaction.
const BATCH: usize = 512;

/// A request. It can be run again if the transaction that it was part of failed because of another one.
trait Work: Send {
    fn writes(&self) -> bool;
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    /// The transaction is committed, or the request has failed.
    fn finish(self: Box<Self>, failed: Option<Error>);
}

struct Request<T, F> {
    writes: bool,
    work: F,
    done: Option<T>,
    to: Option<oneshot::Sender<Result<T>>>,
}

impl<T: Send, F: FnMut(&Connection) -> rusqlite::Result<T> + Send> Work for Request<T, F> {
    fn writes(&self) -> bool {
        self.writes
    }

    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.done = Some((self.work)(connection)?);
        Ok(())
    }

    fn finish(self: Box<Self>, failed: Option<Error>) {
        let Request { done, to, .. } = *self;
        let outcome = match (failed, done) {
            (Some(error), _) => Err(error),
            (None, Some(done)) => Ok(done),
            (None, None) => Err(Error::new(ErrorKind::Panic, "the work on a journal panicked")),
        };
        if let Some(to) = to {
            // The future may have been dropped.
            let _ = to.send(outcome);
        }
    }
}

/// A thread with a connection. Dropping it waits until all that was asked for is done.
pub(super) struct Worker {
    to: Option<SyncSender<Box<dyn Work>>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub(super) fn start(connection: Connection, path: PathBuf, patience: Duration) -> Result<Self> {
        let (to, requests) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("catena-journal".to_owned());
        let thread = thread.spawn(move || Loop { connection, path, patience }.run(&requests)).map_err(|error| {
            let message = format!("no thread can be started for the journal: {error}");
            Error::new(ErrorKind::Unavailable { retry_after: None }, message).with_source(error)
        })?;
        Ok(Worker { to: Some(to), thread: Some(thread) })
    }

    /// Sends work, and returns the future of its outcome. The work is done even if the future is dropped.
    pub(super) fn run<T: Send + 'static>(
        &self,
        writes: bool,
        work: impl FnMut(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'static, Result<T>> {
        let (sender, receiver) = oneshot::channel();
        let request = Request { writes, work, done: None, to: Some(sender) };
        let sent = self.push(Box::new(request));
        Box::pin(async move {
            sent?;
            receiver.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Cancelled, "the thread of the journal ended")))
        })
    }

    /// Sends work that writes, whose outcome does not matter.
    pub(super) fn send(&self, work: impl FnMut(&Connection) -> rusqlite::Result<()> + Send + 'static) {
        let _ = self.push(Box::new(Request { writes: true, work, done: None, to: None }));
    }

    fn push(&self, work: Box<dyn Work>) -> Result<()> {
        let sent = self.to.as_ref().map(|to| to.try_send(work));
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => {
                let message = format!("the journal is overloaded: {QUEUE} requests are waiting for it");
                Err(Error::new(ErrorKind::Unavailable { retry_after: None }, message))
            }
            Some(Err(TrySendError::Disconnected(_))) | None => {
                Err(Error::new(ErrorKind::Cancelled, "the thread of the journal ended"))
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.to = None;
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

struct Loop {
    connection: Connection,
    path: PathBuf,
    /// The longest wait for a lock or for room.
    patience: Duration,
}

impl Loop {
    fn run(&self, requests: &Receiver<Box<dyn Work>>) {
        while let Ok(first) = requests.recv() {
            let mut batch = vec![first];
            batch.extend(requests.try_iter().take(BATCH - 1));
            self.batch(batch);
        }
    }

    /// Does all of it in one transaction. If that fails, each request by itself.
    fn batch(&self, mut batch: Vec<Box<dyn Work>>) {
        if batch.len() > 1 {
            let _ = self.connection.busy_timeout(self.patience.min(LONGEST));
            if self.transaction(&mut batch).is_ok() {
                for work in batch {
                    work.finish(None);
                }
                return;
            }
        }
        for work in batch {
            self.alone(work);
        }
    }

    /// Does one request, again and again while the file is locked or cannot be written, as long as patience lasts.
    fn alone(&self, work: Box<dyn Work>) {
        let begun = Instant::now();
        let mut one = [work];
        let failed = loop {
            let left = self.patience.saturating_sub(begun.elapsed());
            let _ = self.connection.busy_timeout(left.min(LONGEST));
            match self.transaction(&mut one) {
                Ok(()) => break None,
                Err(error) if passes(&error) && begun.elapsed() < self.patience => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(error) => break Some(explain(error, &self.path)),
            }
        };
        let [work] = one;
        work.finish(failed);
    }

    fn transaction(&self, batch: &mut [Box<dyn Work>]) -> rusqlite::Result<()> {
        let writes = batch.iter().any(|work| work.writes());
        let begin = if writes { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.connection.prepare_cached(begin)?.execute([])?;
        let done = batch.iter_mut().try_for_each(|work| {
            // One that panics has no outcome, and the others have theirs.
            catch_unwind(AssertUnwindSafe(|| work.run(&self.connection))).unwrap_or(Ok(()))
        });
        let committed = done.and_then(|()| self.connection.prepare_cached("COMMIT")?.execute([]).map(drop));
        if committed.is_err() && !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        committed
    }
}

/// Returns `true` if the same request may succeed later.
fn passes(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as Code;
    is_busy(error)
        || matches!(error.sqlite_error_code(), Some(Code::SystemIoFailure | Code::CannotOpen | Code::DiskFull))
}
