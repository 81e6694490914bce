//! Streams that an `async` block makes.

use crate::{Chunks, Error, Result, util::coop::Turn};
use futures_core::Stream;
use futures_util::StreamExt;
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context as Task, Poll},
};

impl<'a, T: Send + 'a> Chunks<'a, T> {
    /// The chunks an `async` block sends, for streams that borrow what the block owns. The block runs only while
    /// it is read, waits after each chunk until it was taken, and sends from one place at a time.
    #[doc(hidden)]
    pub fn generate<F, Fut>(block: F) -> Self
    where
        F: FnOnce(Sender<T>) -> Fut,
        Fut: Future<Output = Result<()>> + Send + 'a,
    {
        let (sender, slot) = Sender::with_slot();
        Chunks::new(Generated { block: Some(block(sender)), slot, error: None, turn: Turn::new() })
    }
}

type Slot<T> = Arc<Mutex<Option<T>>>;

/// Where a [generating](Chunks::generate) block puts its chunks.
pub struct Sender<T> {
    slot: Slot<T>,
}

impl<T> Sender<T> {
    fn with_slot() -> (Self, Slot<T>) {
        let slot = Arc::new(Mutex::new(None));
        (Sender { slot: Arc::clone(&slot) }, slot)
    }

    /// Hand over the next chunk, and wait until the reader comes back for more.
    #[doc(hidden)]
    pub async fn send(&self, chunk: T) {
        *lock(&self.slot) = Some(chunk);
        // The reader takes the chunk at the end of this poll; the next poll goes on.
        let mut given = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut given, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }
}

impl<T: Send> Sender<T> {
    /// Hand over all chunks of a stream.
    #[doc(hidden)]
    pub async fn forward(&self, mut chunks: Chunks<'_, T>) -> Result<()> {
        while let Some(chunk) = chunks.next().await {
            self.send(chunk?).await;
        }
        Ok(())
    }
}

fn lock<T>(slot: &Mutex<Option<T>>) -> std::sync::MutexGuard<'_, Option<T>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

pin_project_lite::pin_project! {
    struct Generated<F, T> {
        // Nothing once it has ended.
        #[pin]
        block: Option<F>,
        slot: Slot<T>,
        // Where the block failed with a chunk still to be handed over: what comes after it.
        error: Option<Error>,
        turn: Turn,
    }
}

impl<F: Future<Output = Result<()>>, T> Stream for Generated<F, T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let Some(block) = this.block.as_mut().as_pin_mut() else { return Poll::Ready(this.error.take().map(Err)) };
        std::task::ready!(this.turn.poll(task));
        let polled = block.poll(task);
        if polled.is_ready() {
            this.block.set(None);
        }
        sent(polled, this.slot, this.error, this.turn)
    }
}

/// Returns the chunk that a block has sent, whatever the block is, else how the block was polled.
fn sent<T>(
    polled: Poll<Result<()>>,
    slot: &Slot<T>,
    failed: &mut Option<Error>,
    turn: &mut Turn,
) -> Poll<Option<Result<T>>> {
    let chunk = lock(slot).take();
    if let Some(chunk) = chunk {
        if let Poll::Ready(Err(error)) = polled {
            *failed = Some(error);
        }
        return Poll::Ready(Some(Ok(chunk)));
    }
    match polled {
        Poll::Pending => {
            turn.waited();
            Poll::Pending
        }
        Poll::Ready(Ok(())) => Poll::Ready(None),
        Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
    }
}
