//! Writes of many runs in one transaction. Those that come while another transaction is committed are the next one, and wait for
//! the server's disk together.
//!
//! All statements of a transaction and its end are sent at once. So no lock waits for this process between them, and a process that
//! stops in the middle of sending loses its locks by the server's timeout.

use super::connection::{Client, Connection};
use futures_util::future::{BoxFuture, join_all, join3};
use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::oneshot;
use tokio_postgres::Error;

/// The most writes of one transaction.
const BATCH: usize = 512;

/// A write. It may be done twice.
trait Work: Send {
    fn run(&mut self, client: Arc<Client>) -> BoxFuture<'_, bool>;
    fn finish(self: Box<Self>, committed: bool);
}

struct Request<T, F> {
    work: F,
    done: Option<T>,
    to: oneshot::Sender<Option<T>>,
}

impl<T, F> Work for Request<T, F>
where
    T: Send + 'static,
    F: Fn(Arc<Client>) -> BoxFuture<'static, Result<T, Error>> + Send,
{
    fn run(&mut self, client: Arc<Client>) -> BoxFuture<'_, bool> {
        let work = (self.work)(client);
        Box::pin(async {
            self.done = work.await.ok();
            self.done.is_some()
        })
    }

    fn finish(self: Box<Self>, committed: bool) {
        // The future may have been dropped.
        let _ = self.to.send(self.done.filter(|_| committed));
    }
}

struct Waiting {
    run: String,
    work: Box<dyn Work>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// `true` while a task does them.
    served: bool,
}

/// The writes that wait, and the task that does them while there are any.
pub(super) struct Batches {
    connection: Arc<Connection>,
    /// The longest time for a transaction. After it each of its writes is tried by itself.
    longest: Duration,
    queue: Mutex<Queue>,
}

impl Batches {
    pub(super) fn new(connection: Arc<Connection>, longest: Duration) -> Arc<Self> {
        Arc::new(Batches { connection, longest, queue: Mutex::default() })
    }

    /// Does a write of this run together with others. Returns its outcome once it is committed, and `None` if it failed or one of
    /// the others did: then it is to be done by itself.
    pub(super) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        run: &str,
        work: impl Fn(Arc<Client>) -> BoxFuture<'static, Result<T, Error>> + Send + 'static,
    ) -> Option<T> {
        let (to, done) = oneshot::channel();
        let work = Box::new(Request { work, done: None, to });
        let served = {
            let mut queue = self.queue();
            queue.waiting.push(Waiting { run: run.to_owned(), work });
            mem::replace(&mut queue.served, true)
        };
        if !served {
            tokio::spawn(Service { batches: Arc::clone(self), ended: false }.run());
        }
        done.await.ok().flatten()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next writes. If there are none, the next one needs another task.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.queue();
        let some = queue.waiting.len().min(BATCH);
        queue.served = some > 0;
        (some > 0).then(|| queue.waiting.drain(..some).collect())
    }

    async fn transaction(&self, batch: &mut [Waiting]) -> bool {
        let Ok(client) = self.connection.writer().await else { return false };
        if let [one] = batch {
            return one.work.run(client).await;
        }
        // All processes lock runs in the same order, and none waits for one that waits for it.
        batch.sort_by(|one, other| one.run.cmp(&other.run));
        let works = batch.iter_mut().map(|waiting| waiting.work.run(Arc::clone(&client)));
        // Each is sent when it is polled first, in this order. A statement that follows another one of its write comes after the
        // end of the transaction, as one of its own: it only reads.
        let sent = join3(client.client.batch_execute("BEGIN"), join_all(works), client.client.batch_execute("COMMIT"));
        let (begun, done, committed) = sent.await;
        // The end of a transaction that has failed is no error.
        begun.is_ok() && committed.is_ok() && done.into_iter().all(|done| done)
    }
}

/// The task that does the writes. If its runtime ends before them, each is done by itself.
struct Service {
    batches: Arc<Batches>,
    ended: bool,
}

impl Service {
    async fn run(mut self) {
        let batches = Arc::clone(&self.batches);
        while let Some(mut batch) = batches.next() {
            let tried = tokio::time::timeout(batches.longest, batches.transaction(&mut batch)).await;
            if tried.is_err() {
                batches.connection.forget_writer().await;
            }
            for Waiting { work, .. } in batch {
                work.finish(tried == Ok(true));
            }
        }
        self.ended = true;
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if !self.ended {
            let mut queue = self.batches.queue();
            queue.served = false;
            queue.waiting.clear();
        }
    }
}
