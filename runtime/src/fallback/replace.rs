//! The future of a call: of the step, and then of its replacement in its place.

use crate::{Context, Error, Result, fallback::report};
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

pin_project_lite::pin_project! {
    #[project = At]
    enum State<F, G> {
        Step { #[pin] call: F },
        Backup { #[pin] call: G, error: Option<Error> },
    }
}

pin_project_lite::pin_project! {
    struct Replace<'a, F, G, B, A> {
        cx: &'a Context,
        #[pin]
        state: State<F, G>,
        backup: B,
        all_failed: A,
    }
}

/// The call of a step, that of its replacement (once), and the error where both fail.
pub(super) fn replace<O, F, G, B, A>(cx: &Context, call: F, backup: B, all_failed: A) -> impl Future<Output = Result<O>>
where
    F: Future<Output = Result<O>>,
    G: Future<Output = Result<O>>,
    B: FnMut(&Error) -> Option<G>,
    A: Fn(Error, Error) -> Error,
{
    Replace { cx, state: State::Step { call }, backup, all_failed }
}

impl<O, F, G, B, A> Future for Replace<'_, F, G, B, A>
where
    F: Future<Output = Result<O>>,
    G: Future<Output = Result<O>>,
    B: FnMut(&Error) -> Option<G>,
    A: Fn(Error, Error) -> Error,
{
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        let mut this = self.project();
        if let At::Step { call } = this.state.as_mut().project() {
            match ready!(call.poll(task)) {
                Ok(output) => return Poll::Ready(Ok(output)),
                Err(error) => this.state.set(failed(error, this.cx, this.backup)?),
            }
        }
        match this.state.project() {
            At::Backup { call, error } => ready!(call.poll(task))
                .map_err(|other| match error.take() {
                    Some(error) => (this.all_failed)(error, other),
                    None => other,
                })
                .into(),
            At::Step { .. } => Poll::Pending,
        }
    }
}

/// No replacement takes over in a run that is cancelled.
#[cold]
fn failed<F, G>(error: Error, cx: &Context, backup: &mut impl FnMut(&Error) -> Option<G>) -> Result<State<F, G>> {
    let error = cx.recoverable(error)?;
    report(&error);
    match backup(&error) {
        Some(call) => Ok(State::Backup { call, error: Some(error) }),
        None => Err(error),
    }
}
