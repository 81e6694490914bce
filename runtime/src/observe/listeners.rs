//! Functions that receive the start, the end and the error of one run.

use crate::{Event, EventKind, Observer, Run, RunId};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// Functions that are called at the start, the end and the error of one run, but not of the runs within it.
/// [`listen`](crate::StepExt::listen) adds them to a step, and [`Config::listen`](crate::Config::listen) to a run.
///
/// Outer listeners are called first. A panic in a listener is logged and does not break the run.
///
/// ```
/// use catena::{Listeners, prelude::*};
/// use std::sync::{Arc, Mutex};
///
/// #[runnable]
/// fn double(n: u32) -> u32 { n * 2 }
///
/// let log = Arc::new(Mutex::new(Vec::new()));
/// let seen = log.clone();
/// let chain = chain!(u32 => double | double);
/// let chain = chain.listen(Listeners::new().on_end(move |end| seen.lock().unwrap().push(end.output().cloned())));
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// chain.invoke(1).await?;
/// assert_eq!(*log.lock().unwrap(), [Some(4.into())]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Default)]
pub struct Listeners {
    start: Option<Arc<Listener>>,
    end: Option<Arc<Listener>>,
    error: Option<Arc<Listener>>,
}

type Listener = dyn Fn(&Event) + Send + Sync;

impl Listeners {
    /// Creates an empty set of listeners.
    pub fn new() -> Self {
        Listeners::default()
    }

    /// Sets the function that is called when the run begins.
    pub fn on_start(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.start = Some(Arc::new(listener));
        self
    }

    /// Sets the function that is called when the run ends with an output.
    pub fn on_end(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.end = Some(Arc::new(listener));
        self
    }

    /// Sets the function that is called when the run fails or is stopped.
    pub fn on_error(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.error = Some(Arc::new(listener));
        self
    }

    /// The observer for the next run that begins.
    pub(crate) fn for_one_run(&self) -> impl Observer {
        OneRun { listeners: self.clone(), id: OnceLock::new() }
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners")
            .field("start", &self.start.is_some())
            .field("end", &self.end.is_some())
            .field("error", &self.error.is_some())
            .finish()
    }
}

/// The first run that it hears of is the one.
struct OneRun {
    listeners: Listeners,
    id: OnceLock<RunId>,
}

impl Observer for OneRun {
    fn event(&self, event: &Event) {
        let listener = match event.kind {
            EventKind::Start { .. } => &self.listeners.start,
            EventKind::End { .. } => &self.listeners.end,
            EventKind::Error { .. } => &self.listeners.error,
            EventKind::Stream { .. } | EventKind::Custom { .. } => &None,
        };
        if let Some(listener) = listener {
            listener(event);
        }
    }

    fn follows(&self, run: &Run) -> bool {
        *self.id.get_or_init(|| run.id()) == run.id()
    }
}
