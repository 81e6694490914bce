//! The future of a run that asks for nothing.

use crate::{
    Result, Runnable, Step,
    run::root::EMPTY,
    step::{
        call::{Begin, Call, State, beginning},
        locate::locate,
    },
};
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll},
};

pin_project_lite::pin_project! {
    /// The call of a chain, whose error tells where it was.
    struct Invoke<'a, S, In, B, O>
    where
        S: 'a,
        B: Begin<'a, S, In, O>,
    {
        chain: &'a S,
        begin: B,
        #[pin]
        state: State<In, <B as Begin<'a, S, In, O>>::Call>,
    }
}

/// Returns the future of a run without observers and settings.
pub(crate) fn invoke<S: Runnable<In>, In: Send>(
    chain: &S,
    input: In,
) -> impl Future<Output = Result<S::Output>> + Send {
    Invoke { chain, begin: beginning::<S, In>(), state: State::New { input } }
}

impl<'a, S: Step, In, O, B> Future for Invoke<'a, S, In, B, O>
where
    B: Begin<'a, S, In, O, Call: Call<'a, S, O>>,
{
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let chain = *this.chain;
        match this.state.poll(|input| this.begin.begin(chain, input, &EMPTY), chain, &EMPTY, task) {
            Poll::Ready(Ok(output)) => Poll::Ready(Ok(output)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(locate(error, chain, ""))),
            Poll::Pending => Poll::Pending,
        }
    }
}
