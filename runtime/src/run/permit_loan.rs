//! The permit of a step, which one child of its fan-outs uses at a time.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context as Task, Poll, Waker},
    thread::{self, ThreadId},
};
use tokio::task;

/// The place of a step.
#[derive(Debug, Default)]
pub(crate) struct Own(Mutex<Lent>);

#[derive(Debug, Default)]
struct Lent {
    to: Option<Holder>,
    /// The fan-outs that wait for it.
    waiting: Vec<(u64, Waker)>,
}

/// The fan-out that has the place.
#[derive(Debug)]
struct Holder {
    id: u64,
    /// The number of polls since it got the permit.
    polls: u64,
    waker: Waker,
    by: Poller,
    /// `true` if it has handed a value on, and may not be polled again for long.
    rests: bool,
}

/// The poller: a task, or a thread without one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Poller {
    Task(task::Id),
    Thread(ThreadId),
}

impl Poller {
    fn here() -> Self {
        task::try_id().map_or_else(|| Poller::Thread(thread::current().id()), Poller::Task)
    }
}

impl Own {
    fn lock(&self) -> MutexGuard<'_, Lent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    fn give(&mut self, id: u64, task: &Task<'_>) {
        self.waiting.retain(|(waiting, _)| *waiting != id);
        self.to = Some(Holder { id, polls: 0, waker: task.waker().clone(), by: Poller::here(), rests: false });
    }

    fn is_with(&self, id: u64) -> bool {
        self.to.as_ref().is_some_and(|holder| holder.id == id)
    }
}

/// The number of times that a holder is woken before it counts as not polled.
const ASKED: u8 = 2;

/// A fan-out, or a branch of one, that borrows the place of its step.
///
/// A step may stop polling one fan-out and wait for another: it reads a chunk of a stream, and calls a map before it reads the
/// next one. What is not polled does not work, and would keep the place for ever. So one that waits wakes the holder. If that is
/// in the same task and is not polled, the place is taken from it, and it has to borrow it again before it goes on.
pub(crate) struct Borrower {
    own: Arc<Own>,
    id: u64,
    holds: bool,
    waits: bool,
    asked: Questions,
}

/// The waiting fan-out's view of the holder.
#[derive(Default)]
struct Questions {
    holder: Option<u64>,
    /// The number of its polls when this one was polled last.
    polls: u64,
    /// The number of wakes since then.
    times: u8,
}

/// The state of the holder.
enum Asked {
    Again,
    Polled,
    Left,
}

impl Questions {
    /// Asks nothing of a holder that is polled as often as this one: two that wait would wake each other for ever.
    fn next(&mut self, holder: &Holder) -> Asked {
        if holder.rests {
            return Asked::Left;
        }
        let known = self.holder == Some(holder.id);
        if known && self.polls != holder.polls {
            *self = Questions { holder: self.holder, polls: holder.polls, times: 0 };
            return Asked::Polled;
        }
        if known && self.times >= ASKED {
            return Asked::Left;
        }
        *self =
            Questions { holder: Some(holder.id), polls: holder.polls, times: if known { self.times + 1 } else { 1 } };
        Asked::Again
    }
}

impl Borrower {
    pub(crate) fn new(own: &Arc<Own>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Borrower {
            own: Arc::clone(own),
            id: NEXT.fetch_add(1, Relaxed),
            holds: false,
            waits: false,
            asked: Questions::default(),
        }
    }

    /// Returns `true` if it has the place, as far as it knows.
    #[inline]
    pub(crate) fn holds(&self) -> bool {
        self.holds
    }

    /// Returns `true` if it still has the place. To be asked whenever it is polled.
    pub(crate) fn keeps(&mut self, task: &Task<'_>) -> bool {
        if !self.holds {
            return false;
        }
        let mut lent = self.own.lock();
        match &mut lent.to {
            Some(holder) if holder.id == self.id => {
                holder.polls += 1;
                holder.rests = false;
                holder.by = Poller::here();
                holder.waker.clone_from(task.waker());
            }
            _ => self.holds = false,
        }
        self.holds
    }

    /// It has handed a value on.
    pub(crate) fn rests(&self) {
        if let Some(holder) = &mut self.own.lock().to
            && holder.id == self.id
        {
            holder.rests = true;
        }
    }

    /// The place, if it is free.
    pub(crate) fn try_borrow(&mut self, task: &Task<'_>) -> bool {
        let mut lent = self.own.lock();
        if lent.to.is_none() {
            lent.give(self.id, task);
            self.holds = true;
        }
        self.holds
    }

    /// The place, in time. If it `asks`, the holder has to show that it is polled, which it can do once for each poll of this
    /// one.
    pub(crate) fn poll_borrow(&mut self, asks: bool, task: &Task<'_>) -> Poll<()> {
        let mut lent = self.own.lock();
        let mut ask = None;
        let free = match &lent.to {
            None => true,
            Some(holder) if holder.id == self.id => true,
            Some(holder) if !asks || holder.by != Poller::here() => false,
            Some(holder) => match self.asked.next(holder) {
                Asked::Left => true,
                Asked::Again => {
                    ask = Some(holder.waker.clone());
                    false
                }
                Asked::Polled => false,
            },
        };
        if free {
            lent.give(self.id, task);
            drop(lent);
            (self.holds, self.waits, self.asked) = (true, false, Questions::default());
            return Poll::Ready(());
        }
        match lent.waiting.iter_mut().find(|(id, _)| *id == self.id) {
            Some((_, waker)) => waker.clone_from(task.waker()),
            None => lent.waiting.push((self.id, task.waker().clone())),
        }
        drop(lent);
        self.waits = true;
        if let Some(holder) = ask {
            holder.wake();
            task.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// It needs the place no more, if it waits for it.
    pub(crate) fn stop_waiting(&mut self) {
        if std::mem::take(&mut self.waits) {
            self.own.lock().waiting.retain(|(id, _)| *id != self.id);
        }
    }

    /// Give the place back, if it has it.
    pub(crate) fn give_back(&mut self) {
        if !std::mem::take(&mut self.holds) {
            return;
        }
        let mut lent = self.own.lock();
        if lent.is_with(self.id) {
            lent.to = None;
            let waiting = std::mem::take(&mut lent.waiting);
            drop(lent);
            for (_, waker) in waiting {
                waker.wake();
            }
        }
    }
}

impl Drop for Borrower {
    fn drop(&mut self) {
        self.give_back();
        self.stop_waiting();
    }
}
