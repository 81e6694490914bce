//! The future of a run that asks for nothing.

use crate::{
    Result, Step,
    run::root::EMPTY,
    step::{call::Inside, locate::locate},
};
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

pin_project_lite::pin_project! {
    pub(crate) struct Invoke<'a, S, C, O> {
        step: &'a S,
        #[pin]
        call: C,
        output: PhantomData<fn() -> O>,
    }
}

impl<'a, S, C, O> Invoke<'a, S, C, O> {
    pub(crate) const fn new(step: &'a S, call: C) -> Self {
        Invoke { step, call, output: PhantomData }
    }
}

impl<'a, S: Step, O, C: Inside<'a, S, O>> Future for Invoke<'a, S, C, O> {
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.call.poll_inside(this.step, &EMPTY, task) {
            Poll::Ready(Ok(output)) => Poll::Ready(Ok(output)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(locate(error, *this.step, ""))),
            Poll::Pending => Poll::Pending,
        }
    }
}
