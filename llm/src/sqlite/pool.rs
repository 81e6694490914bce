//! Threads that do the work on connections, and the queue in front of them.

use super::error;
use catena::{Error, ErrorKind, Result};
use rusqlite::Connection;
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// The idle time after which a thread ends, if it is not the only one.
const IDLE: Duration = Duration::from_secs(30);

/// A function that opens a connection.
type Connect = dyn Fn() -> Result<Connection> + Send + Sync;

type Work = Box<dyn FnOnce(Result<&mut Connection>) + Send>;

/// Threads with a connection each, which do work in the order in which it came. Dropping the pool waits until all of it
/// is done.
pub(super) struct Pool {
    shared: Arc<Shared>,
    /// The most threads.
    size: AtomicUsize,
    /// The most requests that wait for a thread. Further ones are refused.
    queue: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    connect: Box<Connect>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
    is_closed: bool,
}

struct Job {
    work: Work,
    /// When it was asked for. The wait for a lock counts from then.
    since: Instant,
    /// The longest wait for a lock.
    busy: Duration,
}

/// Work for a pool.
pub(super) struct Request {
    /// The phrase after "while".
    pub(super) doing: &'static str,
    /// The longest wait for the lock of another connection, from now on.
    pub(super) busy: Duration,
    /// `true` if the work is skipped when its future was dropped before it began.
    pub(super) is_optional: bool,
}

impl Pool {
    /// Creates a pool of at most this many threads, which begin when there is work.
    ///
    /// At most `queue` requests wait for them.
    pub(super) fn new(
        size: usize,
        queue: usize,
        connect: impl Fn() -> Result<Connection> + Send + Sync + 'static,
    ) -> Self {
        let shared = Shared { state: Mutex::default(), changed: Condvar::new(), connect: Box::new(connect) };
        Pool {
            shared: Arc::new(shared),
            size: AtomicUsize::new(size),
            queue: AtomicUsize::new(queue),
            threads: Mutex::default(),
        }
    }

    /// Sets the most threads, which is at least one.
    pub(super) fn set_size(&self, size: usize) {
        self.size.store(size.max(1), Relaxed);
    }

    /// Sets the most requests that wait, which is at least one.
    pub(super) fn set_queue(&self, queue: usize) {
        self.queue.store(queue.max(1), Relaxed);
    }

    /// Does some work in the `tracing` span of the caller.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if the queue is full; those of the work.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        request: Request,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let Request { doing, busy, is_optional } = request;
        let (sender, receiver) = oneshot::channel();
        let span = tracing::Span::current();
        let work = move |connection: Result<&mut Connection>| {
            if is_optional && sender.is_closed() {
                return;
            }
            let done = span.in_scope(|| catch_unwind(AssertUnwindSafe(|| connection.and_then(work))));
            let done = done.unwrap_or_else(|_| Err(Error::new(ErrorKind::Panic, "the work on a database panicked")));
            // The future may have been dropped.
            let _ = sender.send(done);
        };
        self.push(Job { work: Box::new(work), since: Instant::now(), busy })
            .map_err(|error| error.while_doing(doing))?;
        let stopped = |_| Err(Error::new(ErrorKind::Cancelled, "the thread of the database ended"));
        // Without a runtime, some executor may poll once and give up: the thread waits.
        let done = match tokio::runtime::Handle::try_current() {
            Ok(_) => receiver.await,
            Err(_) => receiver.blocking_recv(),
        };
        done.unwrap_or_else(stopped).map_err(|error: Error| error.while_doing(doing))
    }

    fn push(&self, job: Job) -> Result<()> {
        let mut state = self.shared.lock();
        let most = self.queue.load(Relaxed);
        if state.queue.len() >= most {
            let message = format!("the database is overloaded: {most} requests are waiting for it");
            return Err(Error::new(ErrorKind::Unavailable { retry_after: None }, message));
        }
        if state.idle <= state.queue.len() && state.threads < self.size.load(Relaxed) {
            match self.spawn() {
                Ok(()) => state.threads += 1,
                // The threads that there are do the work.
                Err(_) if state.threads > 0 => {}
                Err(error) => {
                    let message = format!("no thread can be started for the database: {error}");
                    return Err(Error::new(ErrorKind::Unavailable { retry_after: None }, message).with_source(error));
                }
            }
        }
        state.queue.push_back(job);
        drop(state);
        self.shared.changed.notify_one();
        Ok(())
    }

    fn spawn(&self) -> std::io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name("catena-sqlite".to_owned()).spawn(move || shared.work())?;
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.retain(|thread| !thread.is_finished());
        threads.push(thread);
        Ok(())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.changed.notify_all();
        let threads = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..).filter(|thread| thread.thread().id() != thread::current().id()) {
            // A panic was reported to the one who asked.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does work until the pool is closed and the queue is empty.
    fn work(&self) {
        let mut connection = None;
        while let Some(job) = self.next() {
            let Job { work, since, busy } = job;
            match connection.as_mut().map_or_else(|| (self.connect)().map(Some), |_| Ok(None)) {
                Ok(None) => {}
                Ok(opened) => connection = opened,
                Err(error) => {
                    work(Err(error));
                    continue;
                }
            }
            if let Some(connection) = &mut connection {
                let left = busy.saturating_sub(since.elapsed());
                match connection.busy_timeout(left.min(LONGEST)) {
                    Ok(()) => work(Ok(connection)),
                    Err(error) => work(Err(error::explain(error, None))),
                }
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state.idle += 1;
            let waited = self.changed.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = waited.0;
            state.idle -= 1;
            if waited.1.timed_out() && state.queue.is_empty() && state.threads > 1 {
                state.threads -= 1;
                return None;
            }
        }
    }
}

/// The longest wait that SQLite can be asked for: an `int` of milliseconds.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);
