//! One limit on what runs at once under a run, however its fan-outs nest.
//!
//! A run holds one place from its start. While it waits for the children of a fan-out it does nothing itself, so one
//! child at a time runs in its place; every further one needs a place that all fan-outs under the limit share. That the
//! first child never has to wait is why nested fan-outs cannot wait for each other in a circle.

use crate::{Chunks, Config, Error, ErrorKind};
use futures_util::{
    FutureExt,
    future::{Either, select},
};
use std::{
    fmt,
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context as Task, Poll, ready},
};
use tokio::sync::Semaphore;

impl Config {
    /// At most so many things at once: the items of batches and [maps](crate::Map), the branches of parallel maps, the
    /// rivals of a race, all of them together, however they nest.
    ///
    /// It is one limit for the whole run. Within, a smaller one applies to its part of the chain as well, and a larger one
    /// changes nothing. What waits for others to finish, such as a map for its items, is not counted. Where steps of a
    /// stream overlap, each of them may have one thing running all the same, as it would otherwise wait for the step that
    /// waits for it.
    ///
    /// ```
    /// use catena::{Config, prelude::*};
    ///
    /// #[runnable]
    /// async fn ask(question: &str) -> usize { question.len() }
    ///
    /// let chain = chain!(String => <gpt: ask, claude: ask> | |r| r.gpt + r.claude).map();
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// // Two questions to each of two models, but never more than three questions at once.
    /// let questions = vec!["who?".to_owned(), "where?".to_owned()];
    /// assert_eq!(chain.invoke_with(questions, Config::new().max_concurrency(3)).await?, [8, 12]);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    ///
    /// With zero, which would let nothing run, the run fails with [`ErrorKind::BadInput`] before its start.
    pub fn max_concurrency(mut self, limit: usize) -> Self {
        self.max_concurrency = Some(limit);
        self
    }

    /// What is wrong with the limit.
    pub(crate) fn check_limit(&self) -> Result<(), Error> {
        if self.max_concurrency == Some(0) { Err(zero()) } else { Ok(()) }
    }
}

#[cold]
pub(crate) fn zero() -> Error {
    Error::new(ErrorKind::BadInput, "with a concurrency of 0 nothing could ever run")
}

/// So many things at once.
pub(crate) struct Limit {
    places: usize,
    /// All places but the one that the run holds from its start.
    shared: Semaphore,
    /// How many wait for a shared place.
    waiting: AtomicUsize,
    /// The limit around this one, which holds too.
    outer: Option<Arc<Limit>>,
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").field("places", &self.places).field("outer", &self.outer).finish_non_exhaustive()
    }
}

impl Limit {
    /// The limit within a part of a run that asks for `places` of its own.
    pub(crate) fn within(outer: Option<Arc<Limit>>, places: Option<usize>) -> Option<Arc<Limit>> {
        match (outer, places) {
            (outer, None) => outer,
            // More than a semaphore can count is no limit, and nobody needs to count.
            (outer, Some(places)) if places > Semaphore::MAX_PERMITS => outer,
            (Some(outer), Some(places)) if places >= outer.places => Some(outer),
            (outer, Some(places)) => {
                // Zero is an error of its own.
                let shared = Semaphore::new(places.saturating_sub(1));
                Some(Arc::new(Limit { places, shared, waiting: AtomicUsize::new(0), outer }))
            }
        }
    }

    fn levels(&self) -> impl Iterator<Item = &Limit> {
        std::iter::successors(Some(self), |limit| limit.outer.as_deref())
    }

    /// A shared place, now or not at all.
    fn try_take(self: &Arc<Self>) -> Option<Permit> {
        let mut permit = Permit::none(self);
        for level in self.levels() {
            level.shared.try_acquire().ok()?.forget();
            permit.levels += 1;
        }
        Some(permit)
    }

    /// A shared place, in turn.
    async fn take(self: Arc<Self>) -> Permit {
        let mut permit = Permit::none(&self);
        for level in self.levels() {
            let _waiting = Waiting::at(level);
            if let Ok(place) = level.shared.acquire().await {
                place.forget();
                permit.levels += 1;
            }
        }
        permit
    }

    /// Whether anybody waits for a shared place; `own` if that is the one who asks.
    fn is_wanted(&self, own: bool) -> bool {
        self.levels().any(|level| level.waiting.load(Relaxed) > usize::from(own))
    }
}

struct Waiting<'a>(&'a Limit);

impl<'a> Waiting<'a> {
    fn at(limit: &'a Limit) -> Self {
        limit.waiting.fetch_add(1, Relaxed);
        Waiting(limit)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}

/// A shared place, of this limit and those around it.
struct Permit {
    limit: Arc<Limit>,
    /// How many of the limits, from the innermost out, have given theirs.
    levels: usize,
}

impl Permit {
    fn none(limit: &Arc<Limit>) -> Self {
        Permit { limit: Arc::clone(limit), levels: 0 }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        for level in self.limit.levels().take(self.levels) {
            level.shared.add_permits(1);
        }
    }
}

/// The way into a fan-out of few branches, each of which waits for its place by itself.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Fork>);

struct Fork {
    limit: Arc<Limit>,
    /// The place of the run that waits for the branches.
    own: Semaphore,
    /// The shared places that branches of this fork are in.
    permits: Mutex<Vec<Permit>>,
}

/// A branch in its place.
pub(crate) struct Entered(Gate);

impl Gate {
    pub(crate) fn new(limit: &Arc<Limit>) -> Self {
        Gate(Arc::new(Fork { limit: Arc::clone(limit), own: Semaphore::new(1), permits: Mutex::default() }))
    }

    /// Ready when the branch may run.
    async fn enter(&self) -> Entered {
        let fork = &*self.0;
        let (own, shared) = (pin!(fork.own.acquire()), pin!(Arc::clone(&fork.limit).take()));
        match select(own, shared).await {
            Either::Left((Ok(place), _)) => place.forget(),
            Either::Left((Err(_), _)) => {}
            Either::Right((permit, _)) => lock(&fork.permits).push(permit),
        }
        Entered(self.clone())
    }

    /// Work in a place.
    pub(crate) async fn run<F: Future>(&self, work: F) -> F::Output {
        let _place = self.enter().await;
        work.await
    }
}

/// A place for a branch, where there is a limit.
pub(crate) async fn enter(gate: Option<&Gate>) -> Option<Entered> {
    match gate {
        Some(gate) => Some(gate.enter().await),
        None => None,
    }
}

/// A branch's stream; where there is a limit, in a place until its end, and made only then.
pub(crate) fn gated<'a, T: Send + 'a>(
    gate: Option<&Gate>,
    chunks: impl FnOnce() -> Chunks<'a, T> + Send + 'a,
) -> Chunks<'a, T> {
    let Some(gate) = gate.cloned() else { return chunks() };
    Chunks::generate(move |out| async move {
        let _place = gate.enter().await;
        out.forward(chunks()).await
    })
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Places are alike: the one that the others need is given back, and a branch still under way stays in our own.
        let shared = lock(&self.0.0.permits).pop();
        if shared.is_none() {
            self.0.0.own.add_permits(1);
        }
    }
}

fn lock(permits: &Mutex<Vec<Permit>>) -> std::sync::MutexGuard<'_, Vec<Permit>> {
    permits.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The places of a fan-out over many items, which begins the next one itself when there is a place for it.
///
/// It keeps the places of finished items for the next ones, as long as nobody else waits for one.
#[derive(Default)]
pub(crate) struct Places {
    limit: Option<Arc<Limit>>,
    /// Beside the place of the run that waits for the items.
    shared: Vec<Permit>,
    waiter: Option<Pin<Box<dyn Future<Output = Permit> + Send>>>,
}

impl Places {
    pub(crate) fn new(limit: Option<&Arc<Limit>>) -> Self {
        Places { limit: limit.cloned(), shared: Vec::new(), waiter: None }
    }

    /// How many items may ever run at once.
    pub(crate) fn most(&self) -> usize {
        self.limit.as_ref().map_or(usize::MAX, |limit| limit.places)
    }

    /// Whether another item may begin beside those that run. If not, the task is woken when it may be.
    #[inline]
    pub(crate) fn poll_free(&mut self, running: usize, task: &mut Task<'_>) -> Poll<()> {
        match &self.limit {
            Some(limit) if running > self.shared.len() => {
                if self.shared.len() + 1 >= limit.places {
                    Poll::Pending
                } else {
                    self.poll_shared(task)
                }
            }
            _ => Poll::Ready(()),
        }
    }

    /// One more shared place.
    #[cold]
    fn poll_shared(&mut self, task: &mut Task<'_>) -> Poll<()> {
        let Some(limit) = &self.limit else { return Poll::Ready(()) };
        let permit = match &mut self.waiter {
            Some(waiter) => ready!(waiter.poll_unpin(task)),
            None => match limit.try_take() {
                Some(permit) => permit,
                None => ready!(self.waiter.insert(Box::pin(Arc::clone(limit).take())).poll_unpin(task)),
            },
        };
        self.waiter = None;
        self.shared.push(permit);
        Poll::Ready(())
    }

    /// No further item begins for now, beside so many that run: give back what they do not need.
    pub(crate) fn rest(&mut self, running: usize) {
        self.waiter = None;
        self.shared.truncate(running.saturating_sub(1));
    }

    /// An item has ended. So many still run, and `more` are to come, or not.
    #[inline]
    pub(crate) fn ended(&mut self, running: usize, more: bool) {
        let Some(limit) = &self.limit else { return };
        if !more {
            self.rest(running);
        } else if limit.is_wanted(self.waiter.is_some()) {
            self.shared.truncate(running.saturating_sub(1).max(self.shared.len().saturating_sub(1)));
        }
    }
}
