//! One limit on the concurrency of a run, across nested fan-outs.
//!
//! A run holds one permit from its start. While it waits for the children of its fan-outs, it is idle, so one child at a time
//! uses its permit. Every further child needs one of the permits that all fan-outs under the limit share. A child in turn passes
//! its permit to one of its own children. If a step joins several fan-outs, they pass the permit of the step to one child of all
//! of them. A fan-out without a running child waits only for fan-outs with one, so that no circle of waiting fan-outs exists.

use crate::{
    Chunks, Config, Context, Error, ErrorKind,
    run::permit_loan::{Borrower, Own},
};
use futures_util::{FutureExt, StreamExt};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context as Task, Poll, ready},
};
use tokio::sync::Semaphore;

impl Config {
    /// Limits the concurrency of the run. The items of batches and [maps](crate::Map), the branches of parallel maps and the
    /// rivals of a race count together, at any depth.
    ///
    /// It is one limit for the whole run. A smaller limit inside it applies to its part of the chain too, and a larger one changes
    /// nothing. A step that waits for others, such as a map for its items, is not counted. The limit also holds for the maps,
    /// batches and races that a step calls itself, one after the other or joined.
    ///
    /// Only fan-outs of Catena are counted. If a step joins plain calls (`join!(ask.call(a, cx), ask.call(b, cx))`), they count
    /// as one, like the step. To count such calls, use a parallel map, a [map](crate::StepExt::map) or a
    /// [batch](crate::Batch::within).
    ///
    /// An item counts until it has ended. That includes the delay before the next attempt of a
    /// [retry](crate::StepExt::retry): with a limit of 10, and 10 items that wait for their next attempt, nothing else starts.
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
    /// A limit of zero is an error: the run fails with [`ErrorKind::BadInput`] before its start.
    pub fn max_concurrency(mut self, limit: usize) -> Self {
        self.max_concurrency = Some(limit);
        self
    }

    /// Returns the error of a limit of zero.
    pub(crate) fn check_limit(&self) -> Result<(), Error> {
        if self.max_concurrency == Some(0) { Err(zero()) } else { Ok(()) }
    }
}

#[cold]
pub(crate) fn zero() -> Error {
    Error::new(ErrorKind::BadInput, "with a concurrency of 0 nothing could ever run")
}

/// A limit on concurrency.
pub(crate) struct ConcurrencyLimit {
    places: usize,
    /// All places but the one that the run holds from its start.
    shared: Semaphore,
    /// The number of fan-outs that wait for a shared permit.
    waiting: AtomicUsize,
    /// The place that the run holds from its start.
    own: Arc<Own>,
    /// The limit around this one, which holds too.
    outer: Option<Arc<ConcurrencyLimit>>,
}

impl fmt::Debug for ConcurrencyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrencyLimit")
            .field("places", &self.places)
            .field("outer", &self.outer)
            .finish_non_exhaustive()
    }
}

impl ConcurrencyLimit {
    /// The limit within a part of a run that asks for `places` of its own.
    pub(crate) fn within(outer: Option<Arc<ConcurrencyLimit>>, places: Option<usize>) -> Option<Arc<ConcurrencyLimit>> {
        match (outer, places) {
            (outer, None) => outer,
            // More than a semaphore can count is no limit, and is not counted.
            (outer, Some(places)) if places > Semaphore::MAX_PERMITS => outer,
            (Some(outer), Some(places)) if places >= outer.places => Some(outer),
            (outer, Some(places)) => {
                // Zero is an error of its own.
                let shared = Semaphore::new(places.saturating_sub(1));
                Some(Arc::new(ConcurrencyLimit {
                    places,
                    shared,
                    waiting: AtomicUsize::new(0),
                    own: Arc::default(),
                    outer,
                }))
            }
        }
    }

    /// A limit on concurrency.
    pub(crate) fn places(&self) -> usize {
        self.places
    }

    fn levels(&self) -> impl Iterator<Item = &ConcurrencyLimit> {
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

    /// Returns `true` if a fan-out waits for a shared permit; `own` excludes the caller.
    fn is_wanted(&self, own: bool) -> bool {
        self.levels().any(|level| level.waiting.load(Relaxed) > usize::from(own))
    }
}

struct Waiting<'a>(&'a ConcurrencyLimit);

impl<'a> Waiting<'a> {
    fn at(limit: &'a ConcurrencyLimit) -> Self {
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
    limit: Arc<ConcurrencyLimit>,
    /// The number of limits, from the innermost, that have given their permits.
    levels: usize,
}

impl Permit {
    fn none(limit: &Arc<ConcurrencyLimit>) -> Self {
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

/// A place that has come.
enum Place {
    Own,
    Shared(Permit),
}

/// Asks for a place: the own one of the step, or a shared one, whichever comes first.
struct Ask {
    own: Borrower,
    /// `true` if the holder of the own place was asked since the fan-out was polled.
    asked: bool,
    shared: Option<Pin<Box<dyn Future<Output = Permit> + Send>>>,
}

impl Ask {
    fn new(own: &Arc<Own>) -> Self {
        Ask { own: Borrower::new(own), asked: false, shared: None }
    }

    fn poll(&mut self, limit: &Arc<ConcurrencyLimit>, task: &mut Task<'_>) -> Poll<Place> {
        if self.poll_own(task).is_ready() {
            return Poll::Ready(Place::Own);
        }
        self.poll_shared(limit, task).map(Place::Shared)
    }

    /// The fan-out is polled.
    fn begin_poll(&mut self) {
        self.asked = false;
    }

    fn poll_own(&mut self, task: &mut Task<'_>) -> Poll<()> {
        let asks = !std::mem::replace(&mut self.asked, true);
        ready!(self.own.poll_borrow(asks, task));
        self.shared = None;
        Poll::Ready(())
    }

    fn poll_shared(&mut self, limit: &Arc<ConcurrencyLimit>, task: &mut Task<'_>) -> Poll<Permit> {
        let permit = match &mut self.shared {
            Some(shared) => ready!(shared.poll_unpin(task)),
            None => match limit.try_take() {
                Some(permit) => permit,
                None => ready!(self.shared.insert(Box::pin(Arc::clone(limit).take())).poll_unpin(task)),
            },
        };
        self.shared = None;
        self.own.stop_waiting();
        Poll::Ready(permit)
    }
}

/// The way into a fan-out of few branches, each of which waits for its place by itself.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Fork>);

struct Fork {
    limit: Arc<ConcurrencyLimit>,
    own: Arc<Own>,
    taken: Mutex<Taken>,
}

/// The places that branches of a fork are in. They are alike: a branch is in one of them, and in none of them alone.
#[derive(Default)]
struct Taken {
    branches: usize,
    /// The permit of the step that waits for the branches, while one of them uses it.
    own: Option<Borrower>,
    shared: Vec<Permit>,
}

impl Taken {
    /// Returns `true` if there are places for so many branches.
    fn suffice_for(&self, branches: usize) -> bool {
        branches <= self.shared.len() + usize::from(self.own.is_some())
    }

    fn put(&mut self, ask: &mut Ask, own: &Arc<Own>, place: Place) {
        match place {
            Place::Own => self.own = Some(std::mem::replace(&mut ask.own, Borrower::new(own))),
            Place::Shared(permit) => self.shared.push(permit),
        }
    }
}

/// A branch on its way into its place, or in it.
pub(crate) struct Branch {
    gate: Gate,
    ask: Ask,
    entered: bool,
}

impl Gate {
    /// The gate of a fan-out in this context, if there is a limit.
    pub(crate) fn of(cx: &Context) -> Option<Self> {
        let limit = cx.limit()?;
        let fork = Fork { limit: Arc::clone(limit), own: Arc::clone(cx.own(limit)), taken: Mutex::default() };
        Some(Gate(Arc::new(fork)))
    }

    fn branch(&self) -> Branch {
        Branch { gate: self.clone(), ask: Ask::new(&self.0.own), entered: false }
    }
}

impl Branch {
    /// Ready when the branch may run, to be asked each time before it does.
    fn poll(&mut self, task: &mut Task<'_>) -> Poll<()> {
        let fork = &*self.gate.0;
        self.ask.begin_poll();
        let mut taken = lock(&fork.taken);
        if taken.own.as_mut().is_some_and(|own| !own.keeps(task)) {
            taken.own = None;
        }
        let branches = if self.entered { taken.branches } else { taken.branches + 1 };
        while !taken.suffice_for(branches) {
            let place = ready!(self.ask.poll(&fork.limit, task));
            taken.put(&mut self.ask, &fork.own, place);
        }
        taken.branches = branches;
        self.entered = true;
        Poll::Ready(())
    }

    /// The branch has given a chunk, and may not be asked for the next one for a long time.
    fn rests(&self) {
        if let Some(own) = &lock(&self.gate.0.taken).own {
            own.rests();
        }
    }
}

impl Drop for Branch {
    fn drop(&mut self) {
        if !self.entered {
            return;
        }
        let mut taken = lock(&self.gate.0.taken);
        taken.branches -= 1;
        // The place that the others need is given back first, and a branch still in flight stays in our own.
        if taken.shared.len() + usize::from(taken.own.is_some()) > taken.branches && taken.shared.pop().is_none() {
            taken.own = None;
        }
    }
}

/// Work in a place if there is a limit. It is begun only there.
pub(crate) async fn in_place<F: Future + Send>(gate: Option<&Gate>, work: impl FnOnce() -> F) -> F::Output {
    match gate {
        None => work().await,
        Some(gate) => {
            let mut branch = gate.branch();
            std::future::poll_fn(|task| branch.poll(task)).await;
            polled_in_place(&mut branch, Box::pin(work())).await
        }
    }
}

/// Polls work while it has its place, whatever the work is.
async fn polled_in_place<O>(branch: &mut Branch, mut work: Pin<Box<dyn Future<Output = O> + Send + '_>>) -> O {
    std::future::poll_fn(|task| {
        ready!(branch.poll(task));
        work.as_mut().poll(task)
    })
    .await
}

/// A branch's stream; if there is a limit, in a place until its end, and made only then.
pub(crate) fn gated<'a, T: Send + 'a>(
    gate: Option<&Gate>,
    chunks: impl FnOnce() -> Chunks<'a, T> + Send + 'a,
) -> Chunks<'a, T> {
    let Some(gate) = gate else { return chunks() };
    let (mut branch, mut make, mut open) = (Some(gate.branch()), Some(chunks), None);
    Chunks::new(futures_util::stream::poll_fn(move |task| {
        let Some(place) = &mut branch else { return Poll::Ready(None) };
        ready!(place.poll(task));
        if let Some(make) = make.take() {
            open = Some(make());
        }
        let polled = match &mut open {
            Some(chunks) => ready!(chunks.poll_next_unpin(task)),
            None => None,
        };
        if polled.is_some() {
            place.rests();
        } else {
            open = None;
            branch = None;
        }
        Poll::Ready(polled)
    }))
}

fn lock(taken: &Mutex<Taken>) -> std::sync::MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The places of a fan-out over many items, which begins the next one itself when there is a place for it. Nothing without a
/// limit.
///
/// It keeps the places of finished items for the next ones, as long as nothing else waits for one.
#[derive(Default)]
pub(crate) struct Permits(Option<Box<Limited>>);

struct Limited {
    limit: Arc<ConcurrencyLimit>,
    ask: Ask,
    /// Beside the permit of the step that waits for the items, while one of them uses that.
    shared: Vec<Permit>,
}

impl Limited {
    /// Returns the number of items that may run with its permits.
    fn room(&self) -> usize {
        self.shared.len() + usize::from(self.ask.own.holds())
    }
}

impl Permits {
    pub(crate) fn new(cx: &Context) -> Self {
        Permits(cx.limit().map(|limit| {
            Box::new(Limited { limit: Arc::clone(limit), ask: Ask::new(cx.own(limit)), shared: Vec::new() })
        }))
    }

    /// Returns the maximum number of concurrent items.
    pub(crate) fn most(&self) -> usize {
        self.0.as_ref().map_or(usize::MAX, |limited| limited.limit.places)
    }

    /// Completes if the running items may proceed. The permit of the step may have passed to another fan-out, if this one was not
    /// polled for long.
    #[inline]
    pub(crate) fn poll_keep(&mut self, running: usize, task: &mut Task<'_>) -> Poll<()> {
        match &mut self.0 {
            None => Poll::Ready(()),
            Some(limited) => limited.poll_keep(running, task),
        }
    }

    /// Returns `true` if another item may begin beside those that run. If not, the task is woken when it may be.
    #[inline]
    pub(crate) fn poll_free(&mut self, running: usize, task: &mut Task<'_>) -> Poll<()> {
        match &mut self.0 {
            Some(limited) if running >= limited.room() => limited.poll_more(task),
            _ => Poll::Ready(()),
        }
    }

    /// No further item begins for now, beside so many that run: give back what they do not need.
    pub(crate) fn rest(&mut self, running: usize) {
        if let Some(limited) = &mut self.0 {
            limited.rest(running);
        }
    }

    /// An item has ended. So many still run, and `more` are to come, or not.
    #[inline]
    pub(crate) fn ended(&mut self, running: usize, more: bool) {
        if let Some(limited) = &mut self.0 {
            limited.ended(running, more);
        }
    }

    /// All that run wait. So many they are, and `more` are to come, or not.
    #[inline]
    pub(crate) fn waits(&mut self, running: usize, more: bool, task: &mut Task<'_>) {
        if let Some(limited) = &mut self.0 {
            limited.waits(running, more, task);
        }
    }
}

impl Limited {
    fn poll_keep(&mut self, running: usize, task: &mut Task<'_>) -> Poll<()> {
        self.ask.begin_poll();
        self.ask.own.keeps(task);
        while running > self.room() {
            match ready!(self.ask.poll(&self.limit, task)) {
                Place::Own => {}
                Place::Shared(permit) => self.shared.push(permit),
            }
        }
        Poll::Ready(())
    }

    /// One more place.
    fn poll_more(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if !self.ask.own.holds() && self.ask.poll_own(task).is_ready() {
            return Poll::Ready(());
        }
        if self.shared.len() + 1 >= self.limit.places {
            return Poll::Pending;
        }
        let permit = ready!(self.ask.poll_shared(&self.limit, task));
        self.shared.push(permit);
        Poll::Ready(())
    }

    fn rest(&mut self, running: usize) {
        self.ask.shared = None;
        self.ask.own.stop_waiting();
        self.shared.truncate(running.saturating_sub(usize::from(self.ask.own.holds())));
        if running == 0 {
            self.ask.own.give_back();
        }
    }

    fn ended(&mut self, running: usize, more: bool) {
        // The others have shared places. Until this fan-out is asked again, the step may lend its own to another one.
        self.ask.own.give_back();
        if !more {
            self.rest(running);
        } else if self.limit.is_wanted(self.ask.shared.is_some()) {
            self.shared.truncate(running.max(self.shared.len().saturating_sub(1)));
        }
    }

    /// If the place of the step is free, an item is better in that than in a shared one that others need.
    fn waits(&mut self, running: usize, more: bool, task: &mut Task<'_>) {
        let spare = running > 0 && self.shared.len() >= running && !self.ask.own.holds();
        if spare && (!more || self.limit.is_wanted(self.ask.shared.is_some())) && self.ask.own.try_borrow(task) {
            self.shared.truncate(running - 1);
        }
    }
}

impl Context {
    /// The place that the step in this context runs in, under a limit.
    fn own<'a>(&'a self, limit: &'a Arc<ConcurrencyLimit>) -> &'a Arc<Own> {
        let root = || limit.levels().last().map_or(&limit.own, |root| &root.own);
        self.way().and_then(|way| way.own()).unwrap_or_else(root)
    }

    /// The context of a child of a fan-out, which is in a place of its own, if there is a limit.
    pub(crate) fn placed(&self) -> Option<Context> {
        self.limit().map(|_| self.in_own_place())
    }
}
