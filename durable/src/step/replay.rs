//! The run of a step that has finished before, for those who observe: with an event `replayed`, and without what is inside of it.

use crate::record::Record;
use catena::{Assemble, Chunks, Context, Kind, Node, Result, Runnable, Running, Step, Types, Whole};
use serde::Serialize;
use serde_json::json;
use std::marker::PhantomData;

/// A step that stands for one that is not run. It has the name of that one, and is no model: a replay costs nothing.
pub(super) struct Replayed<'a, A> {
    name: Option<&'a str>,
    assembler: PhantomData<fn() -> A>,
}

impl<'a, A> Replayed<'a, A> {
    pub(super) fn new(name: Option<&'a str>) -> Self {
        Replayed { name, assembler: PhantomData }
    }
}

impl<A> Step for Replayed<'_, A> {
    const NODE: Node = Node::leaf("", Kind::Function);

    fn name(&self) -> Option<&str> {
        self.name
    }
}

impl<In: Send, A: Assemble> Runnable<In> for Replayed<'_, A>
where
    A::Output: Serialize,
{
    type Output = A::Output;
    type Chunk = A::Output;
    type Assembler = Whole<A::Output>;

    fn assembler(&self) -> Self::Assembler {
        Whole::default()
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<A::Output>();
    }

    async fn call<'a>(&'a self, _input: In, _cx: &'a Context) -> Result<Self::Output> {
        Err(catena::Error::msg("a step that has finished is not run"))
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        catena::__private::stream_whole(self, input, cx)
    }
}

/// Emits the event of a replay into the run of a context.
pub(super) fn emit(cx: &Context, record: &Record) {
    cx.emit("replayed", || json!({ "key": record.key, "process": record.process, "finished": record.finished }));
}

/// Returns an outcome that was kept, in a run of its own if there are observers.
pub(super) async fn outcome<A: Assemble>(
    name: Option<&str>,
    record: &Record,
    outcome: Result<A::Output>,
    cx: &Context,
) -> Result<A::Output>
where
    A::Output: Serialize,
{
    let step = Replayed::<A>::new(name);
    let run = Running::begin::<(), _>(&step, &(), cx);
    emit(run.context(cx), record);
    run.drive(async { outcome }).await
}
