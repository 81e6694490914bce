//! Turns: work that is always ready lets other tasks run, and the limits on its own time be looked at.

pub(crate) use crate::host::give_way;
use crate::host::{Instant, WorkClock, has_others};
use futures_core::Stream;
use futures_util::future::poll_fn;
use std::{
    pin::Pin,
    task::{Context as Task, Poll, ready},
    time::Duration,
};
use tokio::task::coop::has_budget_remaining;

/// So many pieces of work in a row are always done without a look at the clock.
const FREE: u8 = 8;

/// Work that was ready for so long is interrupted.
const LONG: Duration = Duration::from_millis(1);

/// The work done in a row without waiting, by a loop whose items may all be ready.
///
/// The loop asks before each piece. Pieces that take next to no time are done in a row and cost a count each; as soon as they
/// take long together, the loop gives way, and then as often as each piece needs: one that keeps its thread busy for 2 ms is
/// followed by whatever else waits for the thread. Where a deadline is known, the loop gives way as soon as that has passed,
/// so that what watches the deadline can end it.
pub(crate) struct Turn {
    deadline: Option<Instant>,
    /// When the row was first timed.
    begun: Option<WorkClock>,
    /// The number of items until the next look at the clock, and after that one.
    left: u8,
    stride: u8,
    gave_way: bool,
}

impl Turn {
    pub(crate) const fn new() -> Self {
        Turn::until(None)
    }

    /// Of a run with this deadline.
    pub(crate) const fn until(deadline: Option<Instant>) -> Self {
        Turn { deadline, begun: None, left: FREE, stride: FREE, gave_way: false }
    }

    /// Asked before each piece of work: pending, and woken soon, if it is the turn of others.
    #[inline]
    pub(crate) fn poll(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if self.left > 0 && self.deadline.is_none() {
            self.left -= 1;
            return Poll::Ready(());
        }
        self.look(task)
    }

    #[cold]
    #[inline(never)]
    fn look(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if std::mem::take(&mut self.gave_way) {
            self.begun = Some(WorkClock::now());
            return Poll::Ready(());
        }
        let passed = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if self.left > 0 && !passed {
            self.left -= 1;
            return Poll::Ready(());
        }
        let now = WorkClock::now();
        let long = self.begun.is_some_and(|begun| now.duration_since(begun) >= LONG);
        if (passed || long || !has_budget_remaining()) && has_others() {
            self.give_way(task);
            return Poll::Pending;
        }
        self.stride = if self.begun.is_none() { 1 } else { self.stride.saturating_mul(2).min(FREE) };
        self.begun.get_or_insert(now);
        self.left = self.stride - 1;
        Poll::Ready(())
    }

    /// Interrupts the work at once.
    #[cold]
    pub(crate) fn give_way(&mut self, task: &mut Task<'_>) {
        (self.begun, self.left, self.stride, self.gave_way) = (None, 0, 1, true);
        give_way(task);
    }

    /// Returns the number of items that may be done in a row without a look at the clock.
    pub(crate) fn stride(&self) -> usize {
        self.stride.into()
    }

    /// Returns `true` if the work has been interrupted, and not begun again.
    pub(crate) fn gives_way(&self) -> bool {
        self.gave_way
    }

    /// The work is pending. If it waits by itself, others have their turn, and the next row is a new one.
    #[inline]
    pub(crate) fn waited(&mut self) {
        if !self.gave_way {
            (self.begun, self.left, self.stride) = (None, FREE, FREE);
        }
    }

    /// The next item of a stream that may always be ready.
    #[inline]
    pub(crate) fn poll_next<S: Stream>(&mut self, stream: Pin<&mut S>, task: &mut Task<'_>) -> Poll<Option<S::Item>> {
        ready!(self.poll(task));
        let polled = stream.poll_next(task);
        if polled.is_pending() {
            self.waited();
        }
        polled
    }

    /// The same, to be awaited.
    pub(crate) async fn next<S: Stream + Unpin>(&mut self, stream: &mut S) -> Option<S::Item> {
        poll_fn(|task| self.poll_next(Pin::new(&mut *stream), task)).await
    }

    /// Waits for its turn.
    pub(crate) async fn taken(&mut self) {
        poll_fn(|task| self.poll(task)).await;
    }
}
