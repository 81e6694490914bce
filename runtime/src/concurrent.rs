//! The same work on many inputs, so many at a time.

use crate::limit::{Permit, Permits};
use futures_core::Stream;
use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{FuturesUnordered, poll_fn},
};
use std::{future::Future, task::Poll};

/// The outcomes as they come. At most `most` run at once, and no more than there are permits for; inputs are pulled only
/// when one may run, so that however many there are, few are held. Each input comes with its number.
pub(crate) fn run<I, F: Future>(
    inputs: impl Stream<Item = I>,
    most: usize,
    permits: Option<Permits>,
    start: impl Fn(usize, I) -> F,
) -> impl Stream<Item = F::Output> {
    let mut inputs = Box::pin(inputs.enumerate().fuse());
    let mut running = FuturesUnordered::new();
    // A permit goes from one input to the next: only as many are asked for as inputs run at once.
    let mut held: Vec<Permit> = Vec::new();
    let mut asked: Option<BoxFuture<'static, Permit>> = None;
    poll_fn(move |task| {
        while running.len() < most && !inputs.is_done() {
            if let Some(permits) = &permits
                && running.len() >= held.len()
            {
                match asked.get_or_insert_with(|| permits.next()).poll_unpin(task) {
                    Poll::Ready(permit) => {
                        asked = None;
                        held.push(permit);
                    }
                    Poll::Pending => break,
                }
            }
            match inputs.poll_next_unpin(task) {
                Poll::Ready(Some((index, input))) => running.push(start(index, input)),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        if inputs.is_done() {
            asked = None;
        }
        match running.poll_next_unpin(task) {
            Poll::Ready(Some(outcome)) => {
                if inputs.is_done() {
                    held.truncate(running.len());
                }
                Poll::Ready(Some(outcome))
            }
            Poll::Ready(None) if inputs.is_done() => Poll::Ready(None),
            _ => Poll::Pending,
        }
    })
}
