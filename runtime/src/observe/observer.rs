//! The trait of what receives the events of a run.

use crate::{Event, Run};
use std::task::{Context as Task, Poll};

/// Is told what happens in a run: every start, piece, end and error of every step under it, in order.
///
/// Given to a run by [`Config::observe`](crate::Config::observe). It is called in the midst of the work, from whichever
/// thread that is on: return quickly, or forward the event to a queue. One that panics is logged (a `tracing` error) and
/// does not break the run; the time that a slow one takes is added to the run's.
///
/// It is called under a lock of the run, so that no event comes after the run's end. Do not wait in it for another event of the
/// same run, and do not [`emit`](crate::Context::emit) into that run.
///
/// A run without observers pays one branch a step. Catena's own: [`Console`](crate::Console),
/// [`Latency`](crate::Latency), [`Spans`](crate::Spans), [`Listeners`](crate::Listeners).
///
/// ```
/// use catena::{Config, Event, Observer, prelude::*};
/// use std::sync::{Arc, Mutex};
///
/// #[derive(Default)]
/// struct Names(Mutex<Vec<String>>);
///
/// impl Observer for Names {
///     fn event(&self, event: &Event) {
///         self.0.lock().unwrap().push(format!("{} {}", event.event(), event.name()));
///     }
/// }
///
/// #[runnable]
/// fn double(n: u32) -> u32 { n * 2 }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let names = Arc::new(Names::default());
/// double.invoke_with(21, Config::new().observe(names.clone())).await?;
/// assert_eq!(*names.0.lock().unwrap(), ["on_chain_start double", "on_chain_end double"]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait Observer: Send + Sync + 'static {
    /// This happened.
    fn event(&self, event: &Event);

    /// Whether it wants to hear of this run. Of the runs within it, it is asked again.
    fn follows(&self, _run: &Run) -> bool {
        true
    }

    /// Returns whether this observer reads inputs, chunks and outputs. If no observer does, none are serialized.
    fn reads(&self) -> bool {
        true
    }

    /// The `tracing` span that this run is to be in, if any.
    fn span(&self, _run: &Run) -> Option<tracing::Span> {
        None
    }

    /// Whether the run may go on: this is how a queue of events makes the work wait for its reader.
    fn poll_ready(&self, _task: &mut Task<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

impl<O: Observer + ?Sized> Observer for std::sync::Arc<O> {
    fn event(&self, event: &Event) {
        (**self).event(event);
    }

    fn follows(&self, run: &Run) -> bool {
        (**self).follows(run)
    }

    fn reads(&self) -> bool {
        (**self).reads()
    }

    fn span(&self, run: &Run) -> Option<tracing::Span> {
        (**self).span(run)
    }

    fn poll_ready(&self, task: &mut Task<'_>) -> Poll<()> {
        (**self).poll_ready(task)
    }
}
