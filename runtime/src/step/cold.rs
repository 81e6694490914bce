//! A future that is seldom there, behind a pointer. What makes, polls and drops it is out of the way of what is done always: that is
//! then small enough to be put into its caller.

use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll},
};

pub(crate) struct ColdBox<F: ?Sized> {
    work: Option<Pin<Box<F>>>,
}

impl<F> ColdBox<F> {
    pub(crate) fn new(work: F) -> Self {
        ColdBox { work: Some(Box::pin(work)) }
    }
}

impl<'a, O> ColdBox<dyn Future<Output = O> + Send + 'a> {
    /// Without its type: the compiler would prove of the attempts after the first, which call the same step, what it proves of the
    /// first one, once more for each level around.
    pub(crate) fn erased(work: impl Future<Output = O> + Send + 'a) -> Self {
        ColdBox { work: Some(Box::pin(work)) }
    }
}

impl<F: Future + ?Sized> Future for ColdBox<F> {
    type Output = F::Output;

    #[cold]
    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<F::Output> {
        match &mut self.work {
            Some(work) => work.as_mut().poll(task),
            None => Poll::Pending,
        }
    }
}

impl<F: ?Sized> Drop for ColdBox<F> {
    #[inline]
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            discard(work);
        }
    }
}

#[cold]
#[inline(never)]
fn discard<T>(_: T) {}
