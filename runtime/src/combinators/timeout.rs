//! A limit on the time a step may take.

use crate::{
    Chunks, Component, ComponentKind, Context, Error, ErrorKind, Node, Result, Runnable, Step,
    host::{Instant, Sleep, sleep_until},
    run::context::far,
    step::{
        call::{Call, FutureCall, Polled, Started},
        runnable::like,
    },
};
use futures_core::Stream;
use futures_util::{StreamExt, task::AtomicWaker};
use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Context as Task, Poll, Wake, Waker},
    time::Duration,
};
use tokio::task::coop::unconstrained;

/// A step that fails with [`ErrorKind::Timeout`] when it takes too long; made by [`timeout`](crate::StepExt::timeout).
/// What runs under it is dropped, and so stops.
///
/// The step is stopped at its next `.await`. An output that is there is returned, even if the step kept its thread busy for longer
/// than the limit.
///
/// # Streaming
/// The limit is on the time that the step takes for its whole stream, once its input is complete: the time in which it works,
/// or in which its reader waits for it. The time in which the reader is busy elsewhere, or in which the step is ready and has not been
/// asked, does not count; a [deadline](crate::Config::deadline) counts that too. After the limit no further chunk is given, even if
/// one is ready.
#[derive(Clone, Copy, Debug)]
pub struct Timeout<S> {
    step: S,
    after: Duration,
}

impl<S> Timeout<S> {
    /// Limit a step.
    pub const fn new(step: S, after: Duration) -> Self {
        Timeout { step, after }
    }

    /// Limits a call that is started at this time.
    #[inline]
    fn limit<C, O>(&self, now: Instant, started: Started<C, O>) -> Started<TimedCall<C>, O> {
        match started {
            Started::Ready(outcome) => Started::Ready(outcome),
            Started::Waiting(call) => {
                Started::Waiting(TimedCall { call, until: Some(far(now, self.after)), sleep: None })
            }
        }
    }

    /// Limits a future, from when it is first polled.
    fn limited<'a, O, F>(&'a self, work: F, cx: &'a Context) -> impl Future<Output = Result<O>> + Send
    where
        S: Sync,
        F: Future<Output = Result<O>> + Send,
    {
        Polled::new(self, TimedCall { call: FutureCall::new(work), until: None, sleep: None }, cx)
    }
}

pin_project_lite::pin_project! {
    /// A call that has to be done in time. There is no timer for a call that is ready when it is first polled.
    struct TimedCall<C> {
        #[pin]
        call: C,
        // None if it is not polled yet.
        until: Option<Instant>,
        #[pin]
        sleep: Option<Sleep>,
    }
}

impl<'a, S, O, C: Call<'a, S, O>> Call<'a, Timeout<S>, O> for TimedCall<C> {
    const NEVER: bool = C::NEVER;

    #[inline]
    fn poll(self: Pin<&mut Self>, limited: &'a Timeout<S>, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>> {
        let mut this = self.project();
        let until = *this.until.get_or_insert_with(|| far(Instant::now(), limited.after));
        if let Poll::Ready(outcome) = this.call.poll(&limited.step, cx, task) {
            return Poll::Ready(outcome);
        }
        if this.sleep.is_none() {
            this.sleep.set(Some(sleep_until(until)));
        }
        if is_over(this.sleep, until, task) { Poll::Ready(Err(passed(limited.after))) } else { Poll::Pending }
    }
}

/// Whether that time has come. If not, the task is woken then.
///
/// A timer alone is late: it fires only when the thread gets to look at its timers, and has nothing to say in a task that has used
/// up its budget.
fn is_over(sleep: Pin<&mut Option<Sleep>>, until: Instant, task: &mut Task<'_>) -> bool {
    until <= Instant::now() || sleep.as_pin_mut().is_some_and(|sleep| pin!(unconstrained(sleep)).poll(task).is_ready())
}

#[cold]
fn passed(after: Duration) -> Error {
    Error::new(ErrorKind::Timeout { after }, format!("no answer within {after:?}"))
}

impl<S: Step> Step for Timeout<S> {
    const NODE: Node = Node::Timeout { after: None, node: &S::NODE };

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Timeout<S> {
    like!(In, S);

    fn component(&self) -> Component {
        Component::around(ComponentKind::Timeout, self.step.component()).with("seconds", self.after.as_secs_f64())
    }

    fn call<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        self.limited(self.step.call(input, cx), cx)
    }

    fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        In: Clone + Sync,
    {
        self.limited(self.step.call_ref(input, cx), cx)
    }

    #[inline]
    fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        self.limit(Instant::now(), self.step.start(input, cx))
    }

    #[inline]
    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        In: Clone + Sync,
    {
        self.limit(Instant::now(), self.step.start_ref(input, cx))
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        let chunks = self.step.call_stream(input, cx);
        Chunks::new(Limited { chunks, after: self.after, used: Duration::ZERO, waiting: None, sleep: None })
    }
}

pin_project_lite::pin_project! {
    /// Chunks that have to come in time.
    struct Limited<'a, T> {
        chunks: Chunks<'a, T>,
        after: Duration,
        // What the step has used of it.
        used: Duration,
        // Once it has been waited for.
        waiting: Option<Waiting>,
        #[pin]
        sleep: Option<Sleep>,
    }
}

/// The wait for a chunk.
struct Waiting {
    /// Since when, if the last poll was pending.
    since: Option<Instant>,
    woken: Arc<Woken>,
    waker: Waker,
}

/// Notes when the step can go on: from then on it is its reader who takes the time.
#[derive(Default)]
struct Woken {
    at: Mutex<Option<Instant>>,
    reader: AtomicWaker,
}

impl Woken {
    fn take(&self) -> Option<Instant> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        self.reader.wake();
    }
}

impl Waiting {
    fn new() -> Self {
        let woken = Arc::<Woken>::default();
        Waiting { since: None, waker: Waker::from(Arc::clone(&woken)), woken }
    }

    /// How long the step was waited for since the last poll.
    fn waited(&mut self, now: Instant) -> Duration {
        let able = self.woken.take().unwrap_or(now);
        self.since.take().map_or(Duration::ZERO, |since| able.saturating_duration_since(since))
    }
}

impl<T: Send> Stream for Limited<'_, T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let begun = Instant::now();
        let waiting = this.waiting.get_or_insert_with(Waiting::new);
        *this.used = this.used.saturating_add(waiting.waited(begun));
        // What is ready just in time is given, and an end is an end.
        let late = *this.used > *this.after;
        waiting.woken.reader.register(task.waker());
        let polled = this.chunks.poll_next_unpin(&mut Task::from_waker(&waiting.waker));
        let now = Instant::now();
        *this.used = this.used.saturating_add(now.duration_since(begun));
        match polled {
            Poll::Ready(Some(Ok(_))) if late => return Poll::Ready(Some(Err(passed(*this.after)))),
            Poll::Ready(next) => return Poll::Ready(next),
            Poll::Pending => {}
        }
        waiting.since = Some(now);
        let until = far(now, this.after.saturating_sub(*this.used));
        // A timer that is there may fire too early, after a reader that was away: then it is set again.
        loop {
            match this.sleep.as_mut().as_pin_mut() {
                Some(sleep) if sleep.is_elapsed() => sleep.reset(until),
                Some(_) => {}
                None => this.sleep.set(Some(sleep_until(until))),
            }
            if until <= Instant::now() {
                return Poll::Ready(Some(Err(passed(*this.after))));
            }
            let elapsed =
                this.sleep.as_mut().as_pin_mut().is_none_or(|sleep| pin!(unconstrained(sleep)).poll(task).is_ready());
            if !elapsed {
                return Poll::Pending;
            }
        }
    }
}
