//! A step over many inputs, as many at a time as may run.

use crate::{Context, batch::slots::FutureSlots, run::concurrency::Permits, util::coop::Turn};
use futures_core::Stream;
use futures_util::{StreamExt, stream::FuturesUnordered};
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

/// The items in flight: in slots if those will be reused, otherwise each in its own allocation.
enum Running<F> {
    Few(FutureSlots<F>),
    All(FuturesUnordered<F>),
}

impl<F: Future> Running<F> {
    #[inline]
    fn push(&mut self, future: F) {
        match self {
            Running::Few(running) => running.push(future),
            Running::All(running) => running.push(future),
        }
    }

    #[inline]
    fn poll_next(&mut self, turn: &mut Turn, task: &mut Task<'_>) -> Poll<Option<F::Output>> {
        match self {
            Running::Few(running) => running.poll_next(turn, task),
            Running::All(running) => running.poll_next_unpin(task),
        }
    }

    fn iter(&self) -> impl Iterator<Item = Pin<&F>> {
        let (few, all) = match self {
            Running::Few(running) => (Some(running.iter()), None),
            Running::All(running) => (None, Some(Pin::new(running).iter_pin_ref())),
        };
        few.into_iter().flatten().chain(all.into_iter().flatten())
    }
}

/// The number of inputs that are begun before the running items are polled. Without a limit, an endless input would never run.
const TAKEN_AT_ONCE: usize = 64;

/// The outcomes in the order they come, each with the index of its input. An input is taken only when there is a place
/// for it.
pub(crate) struct FanOut<St, S, F> {
    // Dropped before the places that they run in.
    running: Running<F>,
    places: Permits,
    inputs: Option<St>,
    start: S,
    /// The limit of this fan-out alone.
    most: usize,
    taken: usize,
    /// The number of items that have ended.
    ended: usize,
    /// The number of items begun since all running items were polled, if those in `running` are polled without a pause.
    fresh: usize,
    turn: Turn,
}

impl<St, S, F, O> FanOut<St, S, F>
where
    St: Stream + Unpin,
    S: FnMut(usize, St::Item) -> F,
    F: Future<Output = O>,
{
    /// At most `most` at once, and no more than `cx` allows.
    pub(crate) fn new(inputs: St, most: usize, cx: &Context, start: S) -> Self {
        let places = Permits::new(cx);
        // A place costs more than an item by itself, and pays with the second item.
        let at_once = most.min(places.most());
        let running = if inputs.size_hint().1.is_some_and(|inputs| inputs <= at_once) {
            Running::All(FuturesUnordered::new())
        } else {
            Running::Few(FutureSlots::new())
        };
        let turn = Turn::until(cx.deadline());
        FanOut { running, places, inputs: Some(inputs), start, most, taken: 0, ended: 0, fresh: 0, turn }
    }

    #[inline]
    pub(crate) fn poll_next(&mut self, task: &mut Task<'_>) -> Poll<Option<O>> {
        if self.places.poll_keep(self.taken - self.ended, task).is_pending() {
            return Poll::Pending;
        }
        ready!(self.turn.poll(task));
        loop {
            let more_at_once = ready!(self.poll_inputs(task));
            let more = self.inputs.is_some();
            match self.running.poll_next(&mut self.turn, task) {
                Poll::Pending if more_at_once && !self.turn.gives_way() => self.fresh = 0,
                Poll::Ready(None) if more_at_once => self.fresh = 0,
                Poll::Ready(None) if more => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(outcome) => {
                    self.ended += 1;
                    self.places.ended(self.taken - self.ended, more);
                    return Poll::Ready(outcome);
                }
                Poll::Pending => {
                    self.fresh = 0;
                    self.turn.waited();
                    self.places.waits(self.taken - self.ended, more, task);
                    return Poll::Pending;
                }
            }
        }
    }

    /// Begins what may begin; a few at a time, as what each does before it first waits may take long. Gives whether there may be
    /// more of it at once.
    #[inline]
    fn poll_inputs(&mut self, task: &mut Task<'_>) -> Poll<bool> {
        let most_taken = self.taken.saturating_add(TAKEN_AT_ONCE);
        while let Some(inputs) = &mut self.inputs {
            if self.fresh >= self.turn.stride() || self.taken >= most_taken {
                return Poll::Ready(true);
            }
            let running = self.taken - self.ended;
            if running >= self.most {
                self.places.rest(running);
                break;
            }
            if self.places.poll_free(running, task).is_pending() {
                break;
            }
            match inputs.poll_next_unpin(task) {
                Poll::Ready(Some(input)) => {
                    self.running.push((self.start)(self.taken, input));
                    self.taken += 1;
                    // The others look at the turn by themselves.
                    if matches!(self.running, Running::All(_)) {
                        self.fresh += 1;
                    }
                    ready!(self.turn.poll(task));
                    continue;
                }
                Poll::Ready(None) => self.inputs = None,
                Poll::Pending => {}
            }
            self.places.rest(running);
            break;
        }
        Poll::Ready(false)
    }

    /// Returns the number of inputs, as far as it is known.
    pub(crate) fn size_hint(&self) -> (usize, Option<usize>) {
        self.inputs.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }

    /// Returns the number of inputs taken so far.
    pub(crate) fn taken(&self) -> usize {
        self.taken
    }

    /// Returns the running items, in no order.
    pub(crate) fn running(&self) -> impl Iterator<Item = Pin<&F>> {
        self.running.iter()
    }

    /// Drop all that runs; what is left are the inputs that were not taken.
    pub(crate) fn stop(&mut self) -> Option<St> {
        self.running = Running::Few(FutureSlots::new());
        self.places = Permits::default();
        self.inputs.take()
    }

    /// As a stream.
    pub(crate) fn outcomes(mut self) -> impl Stream<Item = O> + use<St, S, F, O> {
        futures_util::stream::poll_fn(move |task| self.poll_next(task))
    }
}
