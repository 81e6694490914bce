//! Futures that run side by side, in places that are used again: one more costs no allocation once another has ended.

use crate::util::coop::Turn;
use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context as Task, Poll, Wake, Waker},
};

/// A set of futures, of which only those are polled that are new or were woken, in that order.
///
/// A bounded set of futures. `FuturesUnordered` allocates a node for each future, which took most of the time of a batch of
/// short steps.
pub(crate) struct FutureSlots<F> {
    slots: Vec<Slot<F>>,
    /// The empty slots.
    free: Vec<usize>,
    /// The slots to be polled next.
    turn: VecDeque<usize>,
    woken: Arc<WakeQueue>,
}

struct Slot<F> {
    future: Pin<Box<Option<F>>>,
    call: Arc<Call>,
    waker: Waker,
}

/// The waker of the future in a slot. A late wake for an earlier future in the slot costs one poll, and nothing else.
struct Call {
    slot: usize,
    /// `true` if it has been woken and not polled since.
    called: AtomicBool,
    woken: Arc<WakeQueue>,
}

#[derive(Default)]
struct WakeQueue {
    /// `true` if there is any, to be seen without the lock.
    any: AtomicBool,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    slots: Vec<usize>,
    /// The waker of the task that polls the set, if that task is idle.
    poller: Option<Waker>,
}

impl WakeQueue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.called.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut waiting = self.woken.lock();
        waiting.slots.push(self.slot);
        self.woken.any.store(true, Ordering::Release);
        let poller = waiting.poller.take();
        drop(waiting);
        if let Some(poller) = poller {
            poller.wake();
        }
    }
}

/// The place of a future while that is polled: free again after its end, and after a panic, which who polls may outlive.
struct Place<'a, F> {
    future: Pin<&'a mut Option<F>>,
    at: usize,
    free: &'a mut Vec<usize>,
    keep: bool,
}

impl<F> Drop for Place<'_, F> {
    #[inline]
    fn drop(&mut self) {
        if !self.keep {
            self.future.set(None);
            self.free.push(self.at);
        }
    }
}

impl<F: Future> FutureSlots<F> {
    pub(crate) fn new() -> Self {
        FutureSlots { slots: Vec::new(), free: Vec::new(), turn: VecDeque::new(), woken: Arc::default() }
    }

    /// One more; it runs when the set is polled.
    #[inline]
    pub(crate) fn push(&mut self, future: F) {
        let at = match self.free.pop() {
            Some(at) => {
                self.slots[at].future.set(Some(future));
                at
            }
            None => self.grow(future),
        };
        self.turn.push_back(at);
    }

    fn grow(&mut self, future: F) -> usize {
        let slot = self.slots.len();
        let call = Arc::new(Call { slot, called: AtomicBool::new(false), woken: Arc::clone(&self.woken) });
        let waker = Waker::from(Arc::clone(&call));
        self.slots.push(Slot { future: Box::pin(Some(future)), call, waker });
        slot
    }

    /// Returns the running futures, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Pin<&F>> {
        self.slots.iter().filter_map(|slot| slot.future.as_ref().as_pin_ref())
    }

    /// The next outcome; nothing where nothing runs.
    #[inline]
    pub(crate) fn poll_next(&mut self, row: &mut Turn, task: &mut Task<'_>) -> Poll<Option<F::Output>> {
        if self.free.len() == self.slots.len() {
            return Poll::Ready(None);
        }
        // Also where new ones never end: those that are woken are not to wait for all of these.
        if self.woken.any.load(Ordering::Acquire) {
            self.take_woken();
        }
        // Each once, then the other tasks run.
        for polled in 0..self.slots.len().max(self.turn.len()) {
            if polled > 0 && row.poll(task).is_pending() {
                return Poll::Pending;
            }
            let Some(at) = self.turn.pop_front() else { return self.rest(task) };
            let Slot { future, call, waker } = &mut self.slots[at];
            call.called.store(false, Ordering::Release);
            let mut place = Place { future: future.as_mut(), at, free: &mut self.free, keep: false };
            let Some(running) = place.future.as_mut().as_pin_mut() else {
                place.keep = true;
                continue;
            };
            match running.poll(&mut Task::from_waker(waker)) {
                Poll::Ready(output) => return Poll::Ready(Some(output)),
                Poll::Pending => place.keep = true,
            }
        }
        if self.turn.is_empty() {
            return self.rest(task);
        }
        task.waker().wake_by_ref();
        Poll::Pending
    }

    fn take_woken(&mut self) {
        let mut waiting = self.woken.lock();
        self.woken.any.store(false, Ordering::Relaxed);
        self.turn.extend(waiting.slots.drain(..));
    }

    /// Waits until one of them is woken.
    fn rest(&self, task: &mut Task<'_>) -> Poll<Option<F::Output>> {
        let mut waiting = self.woken.lock();
        if waiting.slots.is_empty() {
            match &mut waiting.poller {
                Some(poller) => poller.clone_from(task.waker()),
                none => *none = Some(task.waker().clone()),
            }
        } else {
            drop(waiting);
            task.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::FutureSlots;
    use crate::util::coop::Turn;
    use futures_util::FutureExt;
    use std::{
        future::poll_fn,
        panic::{AssertUnwindSafe, catch_unwind},
        task::{Context, Poll, Waker},
    };

    #[test]
    fn what_panics_is_gone_and_the_others_go_on() {
        let mut under_way = FutureSlots::new();
        under_way.push(poll_fn(|_| -> Poll<u32> { panic!("no") }).boxed());
        under_way.push(async { 2 }.boxed());
        let (mut row, mut task) = (Turn::new(), Context::from_waker(Waker::noop()));
        let panicked = catch_unwind(AssertUnwindSafe(|| under_way.poll_next(&mut row, &mut task)));
        assert!(panicked.is_err());
        assert_eq!(under_way.poll_next(&mut row, &mut task), Poll::Ready(Some(2)));
        assert_eq!(under_way.poll_next(&mut row, &mut task), Poll::Ready(None));
    }
}
