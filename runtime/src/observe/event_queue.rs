//! A queue between the tasks and threads of a run, which write, and the one reader of its events.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context as Task, Poll, Waker},
};

/// A bounded queue with any number of writers and one reader, all of which may be on different threads.
///
/// A push wakes the reader, and a pop that makes room wakes every writer that waits for room. A push itself never waits: a
/// writer that can wait asks for room first, and what is emitted synchronously may exceed the capacity.
pub(super) struct Queue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
}

struct State<T> {
    items: VecDeque<T>,
    /// The reader, if it waits for an item.
    reader: Option<Waker>,
    /// The writers that wait for room.
    writers: Vec<Waker>,
    closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State { items: VecDeque::new(), reader: None, writers: Vec::new(), closed: false };
        Queue { capacity, state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an item and wakes the reader. A closed queue drops the item.
    pub(super) fn push(&self, item: T) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        state.items.push_back(item);
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Completes when there is room for an item, or when the queue is closed.
    pub(super) fn poll_room(&self, task: &mut Task<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.closed || state.items.len() < self.capacity {
            return Poll::Ready(());
        }
        if !state.writers.iter().any(|writer| writer.will_wake(task.waker())) {
            state.writers.push(task.waker().clone());
        }
        Poll::Pending
    }

    /// Takes the next item. From here on until [`poll_pop`](Queue::poll_pop) is pending, pushes do not wake the reader.
    pub(super) fn pop(&self) -> Option<T> {
        let mut state = self.lock();
        state.reader = None;
        let item = state.items.pop_front();
        self.wake_writers(state);
        item
    }

    /// Takes the next item, or wakes the reader when there is one.
    pub(super) fn poll_pop(&self, task: &mut Task<'_>) -> Poll<T> {
        let mut state = self.lock();
        let Some(item) = state.items.pop_front() else {
            state.reader = Some(task.waker().clone());
            return Poll::Pending;
        };
        self.wake_writers(state);
        Poll::Ready(item)
    }

    /// Drops what is pushed from now on, and lets every writer go on. What is in the queue stays.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.wake_writers(state);
    }

    /// Wakes all that wait for room, if there is any: those for whom it is not enough wait again.
    fn wake_writers(&self, mut state: MutexGuard<'_, State<T>>) {
        if state.closed || state.items.len() < self.capacity {
            let writers = std::mem::take(&mut state.writers);
            drop(state);
            writers.into_iter().for_each(Waker::wake);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use std::{
        future::poll_fn,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    /// Every item of several writers on threads of their own reaches the reader, in each writer's order, and the queue never
    /// holds more than its capacity and one more for each writer.
    #[test]
    fn nothing_is_lost_between_threads() {
        const WRITERS: usize = 3;
        const ITEMS: usize = 500;
        for capacity in [1, 2, 64] {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
            let queue = Arc::new(Queue::new(capacity));
            let most = Arc::new(AtomicUsize::new(0));
            for writer in 0..WRITERS {
                let (queue, most) = (Arc::clone(&queue), Arc::clone(&most));
                runtime.spawn(async move {
                    for item in 0..ITEMS {
                        poll_fn(|task| queue.poll_room(task)).await;
                        queue.push((writer, item));
                        most.fetch_max(queue.lock().items.len(), Ordering::Relaxed);
                    }
                });
            }
            let mut next = [0; WRITERS];
            runtime.block_on(async {
                for _ in 0..WRITERS * ITEMS {
                    let item = queue.pop();
                    let (writer, item) = match item {
                        Some(item) => item,
                        None => poll_fn(|task| queue.poll_pop(task)).await,
                    };
                    assert_eq!(item, next[writer]);
                    next[writer] += 1;
                }
            });
            assert_eq!(next, [ITEMS; WRITERS]);
            assert!(most.load(Ordering::Relaxed) < capacity + WRITERS);
        }
    }

    #[test]
    fn a_closed_queue_holds_no_writer_and_takes_nothing_more() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let queue = Arc::new(Queue::new(1));
        queue.push(1);
        let writers: Vec<_> = (0..3)
            .map(|_| {
                let queue = Arc::clone(&queue);
                runtime.spawn(async move { poll_fn(|task| queue.poll_room(task)).await })
            })
            .collect();
        runtime.block_on(async {
            tokio::task::yield_now().await;
            queue.close();
            for writer in writers {
                writer.await.unwrap();
            }
        });
        queue.push(2);
        assert_eq!((queue.pop(), queue.pop()), (Some(1), None));
    }
}
