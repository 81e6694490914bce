//! Calls that have been started. A future that is awaited keeps its step and the context; where calls are nested, as those of
//! combinators are, each of them would. So a started call keeps neither, and gets both when it is polled.

use crate::{Context, Error, Result, Runnable};
use futures_util::future::{BoxFuture, Either};
use std::{
    convert::Infallible,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

/// What becomes of a call that is started: it is over, or it has to be waited for.
pub enum Started<C, O, E = Error> {
    /// It gave its outcome at once.
    Ready(Result<O, E>),
    /// It has to be polled.
    Waiting(C),
}

/// The call of a step of type `S`, which is polled with the step and the context that it was started with.
///
/// What it gives is a parameter, not an associated type: the compiler would prove an associated type of each part of a nested call
/// twice for each level around it.
pub trait Call<'a, S, O, E = Error>: Send {
    /// Whether there is no such call: it is never waited for.
    const NEVER: bool = false;

    /// As a future is.
    fn poll(self: Pin<&mut Self>, step: &'a S, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O, E>>;
}

/// The call of a step that never waits. There is none.
pub struct Never(Infallible);

impl<'a, S, O, E> Call<'a, S, O, E> for Never {
    const NEVER: bool = true;

    fn poll(self: Pin<&mut Self>, _: &'a S, _: &'a Context, _: &mut Task<'_>) -> Poll<Result<O, E>> {
        match self.0 {}
    }
}

/// Returns the call of a step that never waits, with its outcome.
#[inline]
pub const fn ready<O>(outcome: Result<O>) -> Started<Never, O> {
    Started::Ready(outcome)
}

pin_project_lite::pin_project! {
    /// A call by a future that keeps all it needs.
    pub struct FutureCall<F> {
        #[pin]
        work: F,
    }
}

impl<F> FutureCall<F> {
    pub(crate) const fn new(work: F) -> Self {
        FutureCall { work }
    }
}

impl<'a, S, O, E, F: Future<Output = Result<O, E>> + Send> Call<'a, S, O, E> for FutureCall<F> {
    #[inline]
    fn poll(self: Pin<&mut Self>, _: &'a S, _: &'a Context, task: &mut Task<'_>) -> Poll<Result<O, E>> {
        self.project().work.poll(task)
    }
}

/// Returns the call that a future makes.
#[inline]
pub const fn waits<F: Future<Output = Result<O, E>>, O, E>(work: F) -> Started<FutureCall<F>, O, E> {
    Started::Waiting(FutureCall { work })
}

pin_project_lite::pin_project! {
    /// A call that has its place under the limit of the run, or is on the heap until it gets one: so calls without a limit need no
    /// room for it.
    #[project = PlacedProjection]
    pub(crate) enum Placed<'a, C, O> {
        Free { #[pin] call: C },
        Boxed { work: BoxFuture<'a, Result<O>> },
    }
}

impl<'a, C, O> Placed<'a, C, O> {
    #[inline]
    pub(crate) fn free(started: Started<C, O>) -> Started<Self, O> {
        match started {
            Started::Ready(outcome) => Started::Ready(outcome),
            Started::Waiting(call) => Started::Waiting(Placed::Free { call }),
        }
    }

    pub(crate) fn boxed(work: BoxFuture<'a, Result<O>>) -> Started<Self, O> {
        Started::Waiting(Placed::Boxed { work })
    }
}

impl<'a, S, O, C: Call<'a, S, O>> Call<'a, S, O> for Placed<'a, C, O> {
    // A call that never waits needs no place.
    const NEVER: bool = C::NEVER;

    #[inline]
    fn poll(self: Pin<&mut Self>, step: &'a S, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>> {
        match self.project() {
            PlacedProjection::Free { call } => call.poll(step, cx, task),
            PlacedProjection::Boxed { work } => work.as_mut().poll(task),
        }
    }
}

/// Returns whether what this would start is never waited for. It is not called.
pub(crate) const fn never<'a, S: 'a, C: Call<'a, S, O>, O>(_: &impl FnOnce(&'a S) -> Started<C, O>) -> bool {
    C::NEVER
}

/// Starts the call of a step that only reads its input, which the call keeps. There is no room for it if the step never waits.
#[inline]
pub(crate) fn lent<'a, S, In>(
    step: &'a S,
    input: In,
    cx: &'a Context,
) -> Started<impl Call<'a, S, S::Output> + use<'a, S, In>, S::Output>
where
    S: Runnable<In>,
    In: Clone + Send + Sync,
{
    if let Some(outcome) = at_once(step, &input, cx) {
        return Started::Ready(outcome);
    }
    let lent = Lent { step, input, cx };
    waits(async move { lent.read().await })
}

pin_project_lite::pin_project! {
    /// The future of a call that is started.
    pub(crate) struct Polled<'a, S, C, O> {
        step: &'a S,
        cx: &'a Context,
        #[pin]
        call: C,
        output: PhantomData<fn() -> O>,
    }
}

impl<'a, S, C, O> Polled<'a, S, C, O> {
    pub(crate) const fn new(step: &'a S, call: C, cx: &'a Context) -> Self {
        Polled { step, cx, call, output: PhantomData }
    }
}

impl<'a, S, O, C: Call<'a, S, O>> Future for Polled<'a, S, C, O> {
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        let this = self.project();
        this.call.poll(this.step, this.cx, task)
    }
}

/// Returns what a step gives that never waits; of others it starts nothing.
#[inline]
pub(crate) fn at_once<S, In>(step: &S, input: &In, cx: &Context) -> Option<Result<S::Output>>
where
    S: Runnable<In>,
    In: Clone + Send + Sync,
{
    let start = |step| Runnable::start_ref(step, input, cx);
    if !never(&start) {
        return None;
    }
    match start(step) {
        Started::Ready(outcome) => Some(outcome),
        Started::Waiting(_) => None,
    }
}

/// How a call is started: by [`start`](Runnable::start) of a step.
///
/// [`beginning`] names that method, as a type. What keeps a call keeps such a type, and has the call's type from it: so the types of
/// nested calls do not contain each other, and neither the compiler nor a debugger has to write them out. The type of a closure
/// would contain its output.
pub(crate) trait Begin<'a, S: 'a, In, O> {
    /// The call.
    type Call;

    fn begin(&self, step: &'a S, input: In, cx: &'a Context) -> Started<Self::Call, O>;
}

impl<'a, S: 'a, In, O, C, F: Fn(&'a S, In, &'a Context) -> Started<C, O>> Begin<'a, S, In, O> for F {
    type Call = C;

    #[inline]
    fn begin(&self, step: &'a S, input: In, cx: &'a Context) -> Started<C, O> {
        self(step, input, cx)
    }
}

/// Starts calls of a step.
pub(crate) const fn beginning<'a, S: Runnable<In> + 'a, In: Send>()
-> impl Begin<'a, S, In, S::Output, Call = impl Call<'a, S, S::Output> + use<'a, S, In>> + Send + use<'a, S, In> {
    <S as Runnable<In>>::start
}

/// Starts calls of a step on inputs that are lent.
pub(crate) const fn beginning_ref<'a, S, In>()
-> impl Begin<'a, S, &'a In, S::Output, Call = impl Call<'a, S, S::Output> + use<'a, S, In>> + Send + use<'a, S, In>
where
    S: Runnable<In> + 'a,
    In: Clone + Send + Sync + 'a,
{
    <S as Runnable<In>>::start_ref
}

pin_project_lite::pin_project! {
    /// The future that started calls are inside of. It starts its call when it is first polled.
    struct CallFuture<'a, S, In, B, O>
    where
        S: 'a,
        B: Begin<'a, S, In, O>,
    {
        step: &'a S,
        cx: &'a Context,
        begin: B,
        #[pin]
        state: State<In, <B as Begin<'a, S, In, O>>::Call>,
    }
}

pin_project_lite::pin_project! {
    /// A call that may not have been started.
    #[project = At]
    #[project_replace = Was]
    pub(crate) enum State<In, C> {
        New { input: In },
        Waits { #[pin] call: C },
        Over,
    }
}

impl<In, C> State<In, C> {
    /// Polls the call, after starting it.
    #[inline]
    pub(crate) fn poll<'a, S, O>(
        mut self: Pin<&mut Self>,
        start: impl FnOnce(In) -> Started<C, O>,
        step: &'a S,
        cx: &'a Context,
        task: &mut Task<'_>,
    ) -> Poll<Result<O>>
    where
        C: Call<'a, S, O>,
    {
        if let At::New { .. } = self.as_mut().project() {
            let Was::New { input } = self.as_mut().project_replace(State::Over) else { ended() };
            match start(input) {
                Started::Ready(outcome) => return Poll::Ready(outcome),
                Started::Waiting(call) => self.set(State::Waits { call }),
            }
        }
        match self.project() {
            At::Waits { call } => call.poll(step, cx, task),
            At::New { .. } | At::Over => ended(),
        }
    }
}

impl<'a, S, In, O, B> Future for CallFuture<'a, S, In, B, O>
where
    B: Begin<'a, S, In, O, Call: Call<'a, S, O>>,
{
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        let this = self.project();
        let (step, cx) = (*this.step, *this.cx);
        this.state.poll(|input| this.begin.begin(step, input, cx), step, cx, task)
    }
}

/// A step, and an input that is lent to it.
pub(crate) struct Lent<'a, S, In> {
    pub(crate) step: &'a S,
    pub(crate) input: In,
    pub(crate) cx: &'a Context,
}

impl<S: Runnable<In>, In: Clone + Send + Sync> Lent<'_, S, In> {
    /// Returns the future of what the step does.
    #[inline]
    pub(crate) fn read(&self) -> impl Future<Output = Result<S::Output>> + Send {
        LentFuture { lent: self, begin: beginning_ref::<S, In>(), state: State::New { input: () } }
    }
}

pin_project_lite::pin_project! {
    /// Keeps no more than the place of all it needs.
    struct LentFuture<'a, S, In, B, O>
    where
        S: 'a,
        B: Begin<'a, S, &'a In, O>,
    {
        lent: &'a Lent<'a, S, In>,
        begin: B,
        #[pin]
        state: State<(), <B as Begin<'a, S, &'a In, O>>::Call>,
    }
}

impl<'a, S, In, O, B> Future for LentFuture<'a, S, In, B, O>
where
    B: Begin<'a, S, &'a In, O, Call: Call<'a, S, O>>,
{
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        let this = self.project();
        let Lent { step, input, cx } = this.lent;
        this.state.poll(|()| this.begin.begin(step, input, cx), step, cx, task)
    }
}

/// Returns the future of what a step does, without a run of its own.
#[inline]
pub fn future_of<'a, S, In>(
    step: &'a S,
    input: In,
    cx: &'a Context,
) -> impl Future<Output = Result<S::Output>> + Send + use<'a, S, In>
where
    S: Runnable<In>,
    In: Send,
{
    CallFuture { step, cx, begin: beginning::<S, In>(), state: State::New { input } }
}

/// Returns the future of what a step does with an input that is lent, without a run of its own.
#[inline]
pub fn future_of_ref<'a, S, In>(
    step: &'a S,
    input: &'a In,
    cx: &'a Context,
) -> impl Future<Output = Result<S::Output>> + Send + use<'a, S, In>
where
    S: Runnable<In>,
    In: Clone + Send + Sync,
{
    CallFuture { step, cx, begin: beginning_ref::<S, In>(), state: State::New { input } }
}

/// Returns the future of the call of a step in a context that may be observed: with room for what is done then only where it is
/// done.
pub(crate) fn called<'a, In: Send, R: Runnable<In>>(
    step: &'a R,
    input: In,
    cx: &'a Context,
) -> impl Future<Output = Result<R::Output>> + Send {
    if cx.is_observed() {
        Either::Left(Box::pin(step.call(input, cx)))
    } else {
        Either::Right(future_of(step, input, cx))
    }
}

/// A future is polled that has given its outcome.
#[cold]
#[track_caller]
pub(crate) fn ended() -> ! {
    panic!("a call is polled after its end")
}
