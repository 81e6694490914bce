//! The open runs of an observed run: everything that began in it ends before it does.

use crate::{
    Context, Error, ErrorKind, EventKind, Run,
    observe::{
        observers::Observers,
        trace_context::{TraceContext, ValueSlot, tell},
    },
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, Weak},
};

/// A part of an observed run in which others begin.
///
/// It ends once. Whatever is still open in it ends first, as cancelled, the innermost before what is around it; no event of it
/// comes afterwards. So it does not matter when a task notices that it was stopped, which is some time after the call that
/// waited for it was dropped, nor that work on a thread for blocking calls goes on after its step was given up.
#[derive(Clone)]
pub(crate) enum Frame {
    /// The run of a step.
    Run(Arc<Run>),
    /// The call that waits for a task.
    Task(Arc<State>),
}

/// The state of a frame: its end, and the runs that are open in it.
pub(crate) struct State {
    /// Held for reading while an observer gets anything but the end, and for writing while it gets the end: on whichever threads they happen,
    /// the end is the last.
    over: RwLock<bool>,
    open: Mutex<Open>,
    /// The frame that it began in, and its number there.
    outer: Option<(Frame, u64)>,
    /// From the start to the end of a run. Not longer: events keep their runs, and observers may keep events.
    told: Mutex<Option<Told>>,
}

/// The runs of a frame that may still be open, in the order of their starts.
#[derive(Default)]
struct Open {
    begun: u64,
    /// The one that began when no other was open: most frames have one at a time, which allocates nothing.
    alone: Option<(u64, Begun)>,
    others: BTreeMap<u64, Begun>,
}

impl Open {
    fn insert(&mut self, number: u64, begun: Begun) {
        if self.alone.is_none() && self.others.is_empty() {
            self.alone = Some((number, begun));
        } else {
            self.others.insert(number, begun);
        }
    }

    fn remove(&mut self, number: u64) {
        if self.alone.take_if(|(alone, _)| *alone == number).is_none() {
            self.others.remove(&number);
        }
    }

    /// Takes all of them out, the last to begin first.
    fn take(&mut self) -> Vec<Frame> {
        let alone = self.alone.take().map(|(_, begun)| begun);
        if self.others.is_empty() {
            return alone.iter().filter_map(Begun::frame).collect();
        }
        let others = std::mem::take(&mut self.others).into_values().rev();
        others.chain(alone).filter_map(|begun| begun.frame()).collect()
    }
}

enum Begun {
    Run(Weak<Run>),
    Task(Weak<State>),
}

impl Begun {
    fn frame(&self) -> Option<Frame> {
        match self {
            Begun::Run(run) => run.upgrade().map(Frame::Run),
            Begun::Task(task) => task.upgrade().map(Frame::Task),
        }
    }
}

/// The observers of a run, and the values of its end.
pub(crate) struct Told {
    pub(crate) observers: Observers,
    pub(crate) input: Option<Arc<Value>>,
    /// The source of the input if it is not known yet.
    pub(crate) input_slot: Option<ValueSlot>,
}

impl Frame {
    /// Opens it in the frame that it is made in; if that is over, this one is as well.
    pub(crate) fn opened(self) -> Self {
        let state = self.state();
        if let Some((outer, number)) = &state.outer {
            let outer_over = outer.state().read();
            if *outer_over {
                *state.over.write().unwrap_or_else(PoisonError::into_inner) = true;
            } else {
                let begun = match &self {
                    Frame::Run(run) => Begun::Run(Arc::downgrade(run)),
                    Frame::Task(task) => Begun::Task(Arc::downgrade(task)),
                };
                lock(&outer.state().open).insert(*number, begun);
            }
        }
        self
    }

    fn state(&self) -> &State {
        match self {
            Frame::Run(run) => &run.state,
            Frame::Task(state) => state,
        }
    }

    /// Tells the start of a run, unless it is over already.
    pub(crate) fn start(&self, told: Told) {
        self.state().tell(|| {
            let (observers, input) = (told.observers.clone(), told.input.clone());
            *lock(&self.state().told) = Some(told);
            if let Frame::Run(run) = self {
                tell(&observers, run, EventKind::Start { input });
            }
        });
    }

    /// Ends everything that is open in it, then tells its own end, with the input as far as it is known. If it is over already, does
    /// nothing.
    pub(crate) fn end(&self, kind: impl FnOnce(Option<Arc<Value>>) -> EventKind) {
        let state = self.state();
        let mut over = state.over.write().unwrap_or_else(PoisonError::into_inner);
        if *over {
            return;
        }
        *over = true;
        let open = lock(&state.open).take();
        // In the reverse order of their beginning, so that none ends before what began in it.
        for frame in open {
            frame.cancel();
        }
        let told = lock(&state.told).take();
        if let (Frame::Run(run), Some(Told { observers, input, input_slot })) = (self, told) {
            let input = input.or_else(|| input_slot?.get().cloned());
            tell(&observers, run, kind(input));
        }
        drop(over);
        if let Some((outer, number)) = &state.outer {
            lock(&outer.state().open).remove(*number);
        }
    }

    /// Ends it from outside.
    fn cancel(&self) {
        self.end(|input| {
            let error = Error::new(ErrorKind::Cancelled, "the step was stopped before its end");
            EventKind::Error { input, error }
        });
    }
}

impl State {
    /// Tells something of the frame, unless it is over.
    pub(crate) fn tell(&self, tell: impl FnOnce()) {
        if !*self.read() {
            tell();
        }
    }

    /// Of a frame that is to be opened in this one.
    pub(crate) fn within(outer: Option<Frame>) -> Self {
        let outer = outer.map(|outer| {
            let mut open = lock(&outer.state().open);
            open.begun += 1;
            let number = open.begun;
            drop(open);
            (outer, number)
        });
        State::new(false, outer)
    }

    fn new(over: bool, outer: Option<(Frame, u64)>) -> Self {
        State { over: RwLock::new(over), open: Mutex::default(), outer, told: Mutex::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, bool> {
        self.over.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing begins in the copy of a run.
impl Clone for State {
    fn clone(&self) -> Self {
        State::new(true, None)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("over", &self.over).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The open runs of a task, which end with the call that waits for the task.
pub(crate) struct OpenInTask(Option<Frame>);

impl Drop for OpenInTask {
    fn drop(&mut self) {
        if let Some(frame) = &self.0 {
            frame.cancel();
        }
    }
}

impl Context {
    /// For work in a task of its own, with what ends when the caller no longer waits for it.
    pub(crate) fn in_task(&self) -> (Context, OpenInTask) {
        let Some(trace) = self.trace() else { return (self.clone(), OpenInTask(None)) };
        let task = Arc::new(State::within(trace.frame()));
        let frame = Frame::Task(Arc::clone(&task)).opened();
        let inside = self.traced(TraceContext { task: Some(task), ..trace.clone() });
        (inside, OpenInTask(Some(frame)))
    }
}
