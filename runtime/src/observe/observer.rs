//! The trait of the receivers of a run's events.

use crate::{Event, Run};
use std::{
    any::Any,
    task::{Context as Task, Poll},
};

/// A receiver of the events of a run: every start, chunk, end and error of every step, in order.
///
/// [`Config::observe`](crate::Config::observe) adds one to a run. It is called by the thread that runs the step, and the step waits
/// for it. So return quickly, or forward the event to a queue. A panic in it is logged (a `tracing` error) and does not break
/// the run.
///
/// It is called under a lock of the run, so that no event follows the end of the run. Do not wait in it for another event of the
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
    /// Receives an event.
    fn event(&self, event: &Event);

    /// Returns `true` if this observer receives the events of this run. It is called again for each run within it.
    fn follows(&self, _run: &Run) -> bool {
        true
    }

    /// Returns whether this observer reads inputs, chunks and outputs. If no observer does, none are serialized.
    fn reads(&self) -> bool {
        true
    }

    /// Returns the `tracing` span of this run, if it has one.
    fn span(&self, _run: &Run) -> Option<tracing::Span> {
        None
    }

    /// Returns this observer, so that steps find it by its type with [`Context::observer`](crate::Context::observer). By default
    /// it cannot be found.
    fn as_any(&self) -> Option<&dyn Any> {
        None
    }

    /// Completes when the run may proceed. A queue of events uses it for backpressure.
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

    fn as_any(&self) -> Option<&dyn Any> {
        (**self).as_any()
    }

    fn poll_ready(&self, task: &mut Task<'_>) -> Poll<()> {
        (**self).poll_ready(task)
    }
}
