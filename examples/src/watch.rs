//! A modifier of our own, `.watched(&watch)`: times a step's calls and notes their errors, and changes neither.
//!
//! It shows all there is to a combinator: a struct around a step, and two impls.

use catena::{Chunks, Component, Context, Error, Node, Result, Runnable, Step, Whole};
use std::{
    future::Future,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// One finished call of a step.
#[derive(Clone, Debug)]
pub struct Call {
    /// How long it took.
    pub took: Duration,
    /// Why it failed, if it did.
    pub error: Option<Error>,
}

/// The calls of a watched step, in the order they finished.
#[derive(Debug, Default)]
pub struct Watch {
    calls: Mutex<Vec<Call>>,
    running: AtomicUsize,
    peak: AtomicUsize,
}

impl Watch {
    /// All of them so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The errors among them.
    pub fn errors(&self) -> Vec<Error> {
        self.calls().into_iter().filter_map(|call| call.error).collect()
    }

    /// The time of all of them together.
    pub fn took(&self) -> Duration {
        self.calls().iter().map(|call| call.took).sum()
    }

    /// The most of them at once.
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    async fn over<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let start = Instant::now();
        let running = Running::of(self);
        let outcome = call.await;
        drop(running);
        let call = Call { took: start.elapsed(), error: outcome.as_ref().err().cloned() };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        outcome
    }
}

/// A call under way, finished or dropped.
struct Running<'w>(&'w Watch);

impl<'w> Running<'w> {
    fn of(watch: &'w Watch) -> Self {
        let running = watch.running.fetch_add(1, Ordering::Relaxed) + 1;
        watch.peak.fetch_max(running, Ordering::Relaxed);
        Running(watch)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Adds the modifier to every step.
pub trait Observe: Step + Sized {
    /// Note every call of this step. Inside a retry that is every attempt, around it the whole.
    fn watched(self, watch: &Watch) -> Watched<'_, Self> {
        Watched { step: self, watch }
    }
}

impl<S: Step> Observe for S {}

/// A step whose calls are noted; made by [`watched`](Observe::watched). Its output comes in one piece.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'w, S> {
    step: S,
    watch: &'w Watch,
}

impl<S: Step> Step for Watched<'_, S> {
    // In the graph and in the paths of errors it is the step it watches.
    const NODE: Node = S::NODE;

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Watched<'_, S> {
    type Output = S::Output;
    type Chunk = S::Output;
    type Assembler = Whole<S::Output>;

    fn assembler(&self) -> Self::Assembler {
        Whole::default()
    }

    fn component(&self) -> Component {
        self.step.component()
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<S::Output> {
        self.watch.over(self.step.call(input, cx)).await
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, S::Output>
    where
        In: 'a,
    {
        Chunks::once(self.call(input, cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catena::prelude::*;

    #[runnable]
    fn parse(text: &str) -> Result<u32> {
        Ok(text.parse()?)
    }

    #[test]
    fn it_notes_and_changes_nothing() {
        let watch = Watch::default();
        let chain = chain!(String => <number?: parse.watched(&watch).retry(Retry::attempts(2).base(Duration::ZERO))>);
        let good = chain.invoke_blocking("7".into()).map(|r| r.number.ok());
        assert_eq!(good.ok().flatten(), Some(7));
        assert!(watch.errors().is_empty());

        let bad = chain.invoke_blocking("seven".into()).map(|r| r.number.err().map(|e| e.path()));
        assert_eq!(bad.ok().flatten().as_deref(), Some("<number>.parse"));
        assert_eq!((watch.calls().len(), watch.errors().len()), (3, 2));
        assert_eq!(watch.peak(), 1);
    }
}
