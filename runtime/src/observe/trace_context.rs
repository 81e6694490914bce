//! The observers of a run, and the position of the next run in the runs around it.

use crate::{
    Config, Context, Event, EventKind, Observer, Run, RunId,
    observe::{
        event::Position,
        observers::Observers,
        run_scope::{Frame, State},
    },
    reflect::registry,
};
use serde_json::Value;
use std::{
    any::Any,
    borrow::Cow,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context as Task, Poll},
};

/// The observers, and the place of the next step that begins. In a [`Context`] only while there are observers.
#[derive(Clone)]
pub(crate) struct TraceContext {
    pub(crate) observers: Observers,
    /// The run that those begun from here are part of.
    pub(crate) parent: Option<Arc<Run>>,
    /// The call that waits for a task, if that is nearer than the run.
    pub(crate) task: Option<Arc<State>>,
    pub(crate) next: NextSpan,
    pub(crate) own: Own,
}

/// The properties of the run that is open in a context, which no other context has.
#[derive(Default)]
pub(crate) struct Own {
    /// An observer reads its payloads.
    pub(crate) reads: bool,
    /// Its output is an event of its own.
    pub(crate) streams: bool,
    /// The destination of its output.
    pub(crate) output_slot: Option<ValueSlot>,
    pub(crate) span: Option<tracing::Span>,
    /// The room of the last run that began here and has ended, for the next one.
    pub(super) spare: Mutex<Option<Arc<TraceContext>>>,
}

impl Own {
    pub(crate) fn take_spare(&self) -> Option<Arc<TraceContext>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn keep_spare(&self, room: Arc<TraceContext>) {
        *self.spare.lock().unwrap_or_else(PoisonError::into_inner) = Some(room);
    }
}

/// A context that is made of another has nothing of its run.
impl Clone for Own {
    fn clone(&self) -> Self {
        Own::default()
    }
}

/// The properties that a run takes from the step around it; none if the step is called from a user's code.
#[derive(Clone, Default)]
pub(crate) struct NextSpan {
    pub(crate) place: Option<Position>,
    pub(crate) id: Option<RunId>,
    /// The name that it is given, whatever its own.
    pub(crate) name: Option<Cow<'static, str>>,
    /// The word in the chain, for a step without a name.
    pub(crate) label: &'static str,
    /// The name of the retry, fallback, race or map around it, for a step that has no other.
    pub(crate) around: Option<Cow<'static, str>>,
    pub(crate) input: Option<Arc<Value>>,
    /// The source of its input, once the step before has ended, and the destination of its output.
    pub(crate) input_slot: Option<ValueSlot>,
    pub(crate) output_slot: Option<ValueSlot>,
    /// Its output is to be an event of its own.
    pub(crate) streams: bool,
    /// It is part of the sequence around it: how many steps stand before it there.
    pub(crate) inline: Option<usize>,
    /// Its run is open already: a wrapper that changes its output began it.
    pub(crate) open: bool,
}

/// A value on its way from a step to the next one, in a stream: known when the first of them ends.
pub(crate) type ValueSlot = Arc<OnceLock<Arc<Value>>>;

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceContext")
            .field("observers", &self.observers.len())
            .field("parent", &self.parent)
            .finish_non_exhaustive()
    }
}

impl TraceContext {
    /// With what a configuration adds.
    pub(crate) fn configured(outer: Option<&Arc<TraceContext>>, config: &Config) -> Option<Arc<TraceContext>> {
        let adds = !config.observers.is_empty() || !config.listeners.is_empty();
        let mut trace = match outer {
            None if !adds => return None,
            None => TraceContext {
                observers: config.observers.clone(),
                parent: None,
                task: None,
                next: NextSpan::default(),
                own: Own::default(),
            },
            Some(outer) if !adds && config.run_name.is_none() && config.run_id.is_none() => {
                return Some(Arc::clone(outer));
            }
            Some(outer) => TraceContext::clone(outer),
        };
        if outer.is_some() {
            trace.observers = trace.observers.with(config.observers.iter().cloned());
        }
        let listeners = config.listeners.iter().map(|listeners| Arc::new(listeners.for_one_run()) as _);
        trace.observers = trace.observers.with(listeners);
        // The name given further out is for the same step, and wins.
        trace.next.name = trace.next.name.or_else(|| config.run_name.clone());
        trace.next.id = trace.next.id.or(config.run_id);
        Some(Arc::new(trace))
    }

    /// Tells what happens in the run that is open here, unless that is over.
    pub(crate) fn tell(&self, run: &Arc<Run>, kind: EventKind) {
        match self.state() {
            Some(state) => state.tell(|| tell(&self.observers, run, kind)),
            None => tell(&self.observers, run, kind),
        }
    }

    /// The frame that runs begun from here are open in: the nearest task or run.
    pub(crate) fn frame(&self) -> Option<Frame> {
        let run = || self.parent.clone().map(Frame::Run);
        self.task.clone().map(Frame::Task).or_else(run)
    }

    fn state(&self) -> Option<&State> {
        self.task.as_deref().or_else(|| self.parent.as_deref().map(|run| &run.state))
    }

    pub(crate) fn reads(&self) -> bool {
        self.observers.iter().any(|observer| {
            // One that panics gets no payloads.
            catch_unwind(AssertUnwindSafe(|| observer.reads())).unwrap_or_else(|_| panicked("reads", false))
        })
    }

    /// Returns whether an observer that follows a run reads its payloads.
    pub(crate) fn reads_run(&self, run: &Run) -> bool {
        self.observers.iter().any(|observer| {
            let reads = catch_unwind(AssertUnwindSafe(|| observer.reads() && observer.follows(run)));
            reads.unwrap_or_else(|_| panicked("follows", false))
        })
    }

    /// Returns the span of a run, if an observer has one.
    pub(crate) fn span(&self, run: &Run) -> Option<tracing::Span> {
        self.observers.iter().find_map(|observer| {
            catch_unwind(AssertUnwindSafe(|| observer.span(run))).unwrap_or_else(|_| panicked("span", None))
        })
    }

    pub(crate) fn poll_ready(&self, task: &mut Task<'_>) -> Poll<()> {
        for observer in &*self.observers {
            // One that panics is not waited for.
            let ready = catch_unwind(AssertUnwindSafe(|| observer.poll_ready(task)));
            std::task::ready!(ready.unwrap_or_else(|_| panicked("poll_ready", Poll::Ready(()))));
        }
        Poll::Ready(())
    }
}

/// Logs the panic of an observer. Returns what is taken in place of its answer.
#[cold]
fn panicked<T>(method: &str, instead: T) -> T {
    tracing::error!(method, "an observer panicked; the run goes on");
    instead
}

/// Tells every observer that follows the run.
pub(crate) fn tell(observers: &[Arc<dyn Observer>], run: &Arc<Run>, kind: EventKind) {
    let event = Event { run: Arc::clone(run), kind };
    for observer in observers {
        let told = catch_unwind(AssertUnwindSafe(|| {
            if observer.follows(run) {
                observer.event(&event);
            }
        }));
        if told.is_err() {
            tracing::error!(event = event.event(), name = event.name(), "an observer panicked; the run goes on");
        }
    }
}

/// The changes of the next step's position. Without observers, nothing is computed.
impl Context {
    fn next(&self, change: impl FnOnce(&mut NextSpan)) -> Option<Context> {
        let trace = self.trace()?;
        let mut trace = trace.clone();
        trace.next.open = false;
        change(&mut trace.next);
        Some(self.traced(trace))
    }

    /// For the step inside a wrapper whose run stands for both.
    pub(crate) fn in_open_run(&self) -> Option<Context> {
        self.next(|next| next.open = true)
    }

    /// For the part of a step that stands in this place; what the run around it got is what it gets.
    pub(crate) fn at(&self, place: Position, label: &'static str) -> Option<Context> {
        self.next(|next| {
            next.place = Some(place);
            next.label = label;
        })
    }

    /// Makes `child` the context of a step of a sequence, from 1, in the room of the step before if it has left that. What the
    /// step gets is known, if it is not the first.
    pub(crate) fn at_step(&self, child: &mut Context, number: usize, label: &'static str, input: Option<&dyn Any>) {
        let Some(trace) = self.trace() else { return };
        let number = number + trace.next.inline.unwrap_or(0);
        let change = |next: &mut NextSpan| {
            next.place = Some(Position::Step(number));
            next.label = label;
            next.inline = None;
            next.open = false;
            if number > 1 {
                next.input = input.filter(|_| trace.reads()).and_then(registry::json).map(Arc::new);
            }
        };
        if let Some(room) = child.room() {
            room.next.clone_from(&trace.next);
            change(&mut room.next);
        } else {
            *child = self.next(change).unwrap_or_default();
        }
    }

    /// For the steps of a sequence in a stream: each gets what the one before has given.
    pub(crate) fn at_steps<const N: usize>(&self, labels: [&'static str; N]) -> [Context; N] {
        labels.map(self.each_step(N))
    }

    /// For the steps of a sequence in a stream, so many, one after the other, by the words they are written as.
    pub(crate) fn each_step(&self, steps: usize) -> impl FnMut(&'static str) -> Context {
        let before = self.steps_before();
        let mut slot = None;
        let mut number = 0;
        move |label| {
            number += 1;
            let output_slot = ValueSlot::default();
            let input_slot = slot.replace(Arc::clone(&output_slot));
            let child = self.next(|next| {
                next.place = Some(Position::Step(number + before));
                next.label = label;
                next.inline = None;
                if number + before > 1 {
                    next.input = None;
                    next.input_slot = input_slot;
                }
                // The last one gives what the sequence gives.
                if number < steps {
                    next.output_slot = Some(output_slot);
                }
            });
            child.unwrap_or_default()
        }
    }

    /// For part of a sequence that is itself one.
    pub(crate) fn at_group(&self, steps_before: usize) -> Option<Context> {
        let before = steps_before + self.steps_before();
        self.next(|next| next.inline = Some(before))
    }

    /// Returns `true` if the sequence that is called is part of the one around it.
    pub(crate) fn is_inline(&self) -> bool {
        self.trace().is_some_and(|trace| trace.next.inline.is_some())
    }

    fn steps_before(&self) -> usize {
        self.trace().and_then(|trace| trace.next.inline).unwrap_or(0)
    }

    /// For a step that has another name.
    pub(crate) fn named(&self, name: impl FnOnce() -> Cow<'static, str>) -> Option<Context> {
        self.next(|next| {
            next.name.get_or_insert_with(name);
        })
    }

    /// For a step whose input only the one that calls it can write.
    #[doc(hidden)]
    pub fn given(&self, input: impl FnOnce() -> Option<Value>) -> Option<Context> {
        self.trace().filter(|trace| trace.reads())?;
        let input = input().map(Arc::new);
        self.next(|next| next.input = input)
    }

    /// For a step whose input the one that calls it can write, unless what it gets is known already.
    pub(crate) fn given_if_unknown(&self, input: impl FnOnce() -> Option<Value>) -> Option<Context> {
        self.trace()
            .filter(|trace| trace.next.input.is_none() && trace.next.input_slot.is_none() && !trace.next.open)?;
        self.given(input)
    }

    /// For a step alone in its place, which is written as this.
    #[doc(hidden)]
    pub fn labelled(&self, label: &'static str) -> Option<Context> {
        self.next(|next| {
            if !label.is_empty() {
                next.label = label;
            }
        })
    }

    /// For an attempt of the step inside a retry, by its number.
    pub(crate) fn attempt(&self, number: u32) -> Option<Context> {
        self.next(|next| next.place = Some(Position::Attempt(number)))
    }

    /// For the step that takes over from another one: the word that both are written as is the first one's.
    pub(crate) fn instead(&self) -> Option<Context> {
        self.next(|next| next.label = "")
    }

    /// For the step that takes over from another one and is given its error beside the input.
    pub(crate) fn instead_with_error(&self) -> Option<Context> {
        self.next(|next| {
            next.label = "";
            next.input = None;
        })
    }

    /// For two steps of a stream, of which the second takes the pieces of the first.
    #[doc(hidden)]
    pub fn piped(&self) -> Option<[Context; 2]> {
        let between = ValueSlot::default();
        let first = self.next(|next| next.output_slot = Some(Arc::clone(&between)))?;
        let second = self.next(|next| {
            next.input = None;
            next.input_slot = Some(between);
        })?;
        Some([first, second])
    }

    /// For a step that takes the pieces that the run around it takes, which began in the context `outer`.
    #[doc(hidden)]
    pub fn handed_on(&self, outer: &Context) -> Option<Context> {
        let input_slot = outer.trace().and_then(|trace| trace.next.input_slot.clone());
        self.next(|next| next.input_slot = input_slot)
    }

    /// For a step that is asked for a stream and calls itself for it.
    pub(crate) fn streaming(&self) -> Option<Context> {
        self.next(|next| next.streams = true)
    }

    /// For a step over a part of what the run around it got.
    pub(crate) fn part(&self, place: Position) -> Option<Context> {
        self.next(|next| {
            next.place = Some(place);
            next.input = None;
        })
    }

    /// Emits a custom event (`on_custom_event`) with a name and data that `serde` can write. Does nothing if the run has no
    /// observers.
    ///
    /// The event belongs to the run of the step that this context was given to. Outside of any run it has no place, and is
    /// dropped: with a context that is made by [`Context::new`], and with one that has observers but is not yet that of a
    /// step ([`configured`](Context::configured)). In debug builds, the first such event of each name is a `tracing` event
    /// of level `warn`. A run that [`invoke`](crate::RunnableExt::invoke) and its like begin is one, observed or not, so
    /// that a step may emit in any call of it.
    ///
    /// Observers are called before it returns, from whichever task or thread that is: it never waits, so that the events of
    /// [`Events`](crate::Events) may exceed their capacity by what is emitted. What is emitted after the step's run has ended,
    /// as by a thread for blocking work whose caller has given up, is dropped.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// fn index(pages: Vec<String>, cx: &Context) -> usize {
    ///     for (number, page) in pages.iter().enumerate() {
    ///         cx.emit("indexed", || (number, page.len()));
    ///     }
    ///     pages.len()
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(index.invoke(vec!["one".to_owned()]).await?, 1);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn emit<T: serde::Serialize>(&self, name: impl Into<Cow<'static, str>>, data: impl FnOnce() -> T) {
        let run = self.trace().and_then(|trace| Some((trace, trace.parent.as_ref()?)));
        let Some((trace, run)) = run else {
            #[cfg(debug_assertions)]
            if self.is_observed() || !self.is_in_run() {
                warn_outside(&name.into());
            }
            return;
        };
        let data = serde_json::to_value(data()).ok().map(Arc::new);
        trace.tell(run, EventKind::Custom { name: name.into(), data });
    }

    /// The run that the step is in, if there are observers.
    pub fn run(&self) -> Option<&Run> {
        self.trace().and_then(|trace| trace.parent.as_deref())
    }
}

/// Warns that an event has no receiver, once for each name.
#[cfg(debug_assertions)]
#[cold]
fn warn_outside(name: &str) {
    use std::{
        collections::HashSet,
        sync::{Mutex, PoisonError},
    };

    /// So many names are remembered. Names that are made up as they come would fill the memory.
    const MOST: usize = 1000;
    static WARNED: Mutex<Option<HashSet<String>>> = Mutex::new(None);

    let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
    let warned = warned.get_or_insert_default();
    if warned.len() < MOST && warned.insert(name.to_owned()) {
        tracing::warn!(event = name, "emitted outside of any run, and dropped: pass on the context that the step gets");
    }
}
