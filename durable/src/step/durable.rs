//! A step whose outcome is kept.

use super::{Input, OnChange, Output, chunks::Codec, replay};
use crate::{
    record::{
        Record,
        outcome::{self, Outcome},
        usage::Meter,
    },
    run::{
        active::Active,
        names::{self, Named},
        recorder::{Enclosing, Recording},
        ticket::{Opened, Ticket, is_worth_keeping},
    },
};
use catena::{
    __private::{Call, Started, future_of, future_of_ref, waits},
    Assemble, Chunks, Component, Config, Context, Details, Keys, Node, Recorder, Result, Runnable, Segment, Step,
    Types,
};
use futures_util::{StreamExt, future::Either, stream};
use serde_json::Value;
use std::{borrow::Cow, future::Future};

/// A step whose outcome is kept in the journal of the run; created by [`durable`](crate::DurableExt::durable).
///
/// # Streaming
/// Chunks of text, and those of messages with the feature `llm`, are handed on as they come and kept; a replay has the same
/// chunks. Of other types the stream waits for the whole output, and a replay has the chunks that the output is split into.
/// Without a journal, the stream is that of the step. Under one, it waits for its whole input.
#[derive(Clone, Debug)]
pub struct Durable<S> {
    step: S,
    name: Cow<'static, str>,
    on_change: Option<OnChange>,
}

impl<S> Durable<S> {
    pub(super) const fn new(step: S, name: Cow<'static, str>) -> Self {
        Durable { step, name, on_change: None }
    }

    /// Sets the reaction if the input differs from that of the record. The default is that of the
    /// [run](crate::DurableRun::on_change).
    pub fn on_change(mut self, on_change: OnChange) -> Self {
        self.on_change = Some(on_change);
        self
    }
}

impl<S: Step> Durable<S> {
    /// `true` if models may be in the step, whose usage is then counted.
    const HAS_MODELS: bool = may_have_models(&S::NODE);

    /// The context of the step while it runs. What is called inside of it has the step's name as its scope.
    fn inside(&self, active: &Active, cx: &Context) -> (Context, Meter) {
        let meter = Meter::default();
        let recorder = Recorder::new(Recording::new(active.clone(), meter.clone()));
        let mut config = Config::new().with(recorder).with(Enclosing(meter.clone()));
        if Self::HAS_MODELS {
            config = config.observe(meter.clone());
        }
        (cx.within(Segment::Step(self.name.clone())).configured(&config), meter)
    }
}

const fn may_have_models(node: &Node) -> bool {
    match node {
        Node::Opaque => true,
        Node::Step(leaf) => {
            leaf.opaque || matches!(leaf.kind, catena::Kind::Model | catena::Kind::Tool | catena::Kind::Lazy)
        }
        node => {
            let mut at = 0;
            while let Some(part) = node.part(at) {
                if may_have_models(part) {
                    return true;
                }
                at += 1;
            }
            false
        }
    }
}

/// The outcome of a step, as it is kept, if it is worth it.
fn payload<O: Output>(ticket: &Ticket, outcome: &Result<O>) -> Result<Option<Vec<u8>>> {
    match outcome {
        Err(error) if !is_worth_keeping(error) => Ok(None),
        outcome => outcome::write(ticket.key(), outcome).map(Some),
    }
}

/// Keeps an outcome, with the usage of what is in the step and has no record of its own.
async fn keep(ticket: Ticket, payload: Option<Vec<u8>>, meter: &Meter, cx: &Context) -> Result<()> {
    let Some(payload) = payload else { return Ok(()) };
    let usage = meter.usage();
    if let Some(Enclosing(outer)) = cx.get() {
        outer.subtract(&usage);
    }
    ticket.keep(payload, usage).await
}

impl<S: Step> Durable<S> {
    async fn recorded<In, F, Work>(
        &self,
        active: &Active,
        input: serde_json::Result<Value>,
        cx: &Context,
        work: Work,
    ) -> Result<S::Output>
    where
        In: Send,
        S: Runnable<In>,
        S::Output: Output,
        F: Future<Output = (Result<S::Output>, Meter)>,
        Work: FnOnce(Context, Meter) -> F,
    {
        match active.open(&self.name, self.on_change, cx, input).await? {
            Opened::Replay(record) => {
                let kept = self.read(&record)?;
                replay::outcome::<S::Assembler>(self.step.name(), &record, kept, cx).await
            }
            Opened::Live(ticket) => {
                let (inside, meter) = self.inside(active, cx);
                let (outcome, meter) = work(inside, meter).await;
                let payload = payload(&ticket, &outcome)?;
                keep(ticket, payload, &meter, cx).await?;
                outcome
            }
        }
    }

    /// The outcome in a record.
    fn read<In: Send>(&self, record: &Record) -> Result<Result<S::Output>>
    where
        S: Runnable<In>,
        S::Output: Output,
    {
        Ok(match outcome::read(&record.key, &record.payload)? {
            Outcome::Output(output) => Ok(output),
            Outcome::Error(error) => Err(error),
            Outcome::Chunks(chunks) => {
                let mut assembler = self.step.assembler();
                Self::chunks::<In>(&record.key, chunks)?.into_iter().for_each(|chunk| assembler.push(chunk));
                assembler.finish()
            }
        })
    }

    /// The chunks in a record.
    fn chunks<In: Send>(key: &str, chunks: Vec<Value>) -> Result<Vec<S::Chunk>>
    where
        S: Runnable<In>,
    {
        let codec = Codec::<S::Chunk>::known();
        let chunks: Option<Vec<S::Chunk>> = chunks.into_iter().map(|chunk| (codec.as_ref()?.read)(chunk)).collect();
        chunks.ok_or_else(|| {
            let error = serde::de::Error::custom("the chunks of a stream that has chunks of another type now");
            outcome::unreadable(key, &error)
        })
    }

    /// The stream under a journal.
    fn stream<'a, In>(&'a self, active: &'a Active, input: In, cx: &'a Context) -> Chunks<'a, S::Chunk>
    where
        In: Input + Send + 'a,
        S: Runnable<In>,
        S::Output: Output,
    {
        Chunks::generate(move |out| async move {
            let json = serde_json::to_value(&input);
            match active.open(&self.name, self.on_change, cx, json).await? {
                Opened::Replay(record) => {
                    let chunks = match outcome::read(&record.key, &record.payload)? {
                        Outcome::Chunks(chunks) => Self::chunks::<In>(&record.key, chunks)?,
                        Outcome::Error(error) => {
                            return replay::outcome::<S::Assembler>(self.step.name(), &record, Err(error), cx)
                                .await
                                .map(drop);
                        }
                        Outcome::Output(output) => {
                            let mut chunks = Vec::new();
                            self.step.assembler().split(output, &mut |chunk| chunks.push(chunk));
                            chunks
                        }
                    };
                    // The run of a replay has one end, and its chunks are not events.
                    let step = replay::Replayed::<S::Assembler>::new(self.step.name());
                    let run = catena::Running::begin::<(), _>(&step, &(), cx);
                    replay::emit(run.context(cx), &record);
                    let _ = out.forward(Chunks::new(stream::iter(chunks.into_iter().map(Ok)))).await;
                    Ok(())
                }
                Opened::Live(ticket) => {
                    let (inside, meter) = self.inside(active, cx);
                    let Some(codec) = Codec::<S::Chunk>::known() else {
                        let outcome = self.step.call(input, &inside).await;
                        let payload = payload(&ticket, &outcome)?;
                        keep(ticket, payload, &meter, cx).await?;
                        let mut chunks = Vec::new();
                        self.step.assembler().split(outcome?, &mut |chunk| chunks.push(chunk));
                        return out.forward(Chunks::new(stream::iter(chunks.into_iter().map(Ok)))).await;
                    };
                    let mut kept = Vec::new();
                    let mut chunks = self.step.call_stream(input, &inside);
                    while let Some(chunk) = chunks.next().await {
                        match chunk {
                            Ok(chunk) => {
                                kept.extend((codec.write)(&chunk));
                                out.send(chunk).await;
                            }
                            Err(error) => {
                                // After chunks there is no outcome that could be given again.
                                if kept.is_empty() {
                                    let payload = payload::<S::Output>(&ticket, &Err(error.clone()))?;
                                    keep(ticket, payload, &meter, cx).await?;
                                }
                                return Err(error);
                            }
                        }
                    }
                    let payload = outcome::write_chunks(ticket.key(), &kept)?;
                    keep(ticket, Some(payload), &meter, cx).await
                }
            }
        })
    }
}

impl<S: Step> Step for Durable<S> {
    const NODE: Node = S::NODE;

    fn name(&self) -> Option<&str> {
        self.step.name()
    }

    fn keys(&self, keys: &mut Keys) {
        self.step.keys(keys);
    }

    fn details(&self, details: &mut Details) {
        self.step.details(details);
    }
}

impl<In, S> Runnable<In> for Durable<S>
where
    In: Input + Send,
    S: Runnable<In>,
    S::Output: Output,
{
    type Output = S::Output;
    type Chunk = S::Chunk;
    type Assembler = S::Assembler;

    fn assembler(&self) -> Self::Assembler {
        self.step.assembler()
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
    }

    fn component(&self) -> Component {
        let mut component = self.step.component();
        names::add(&mut component, Named::Step(&self.name));
        component
    }

    fn input_json(&self, input: &In) -> Option<Value> {
        self.step.input_json(input)
    }

    fn call<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        match Active::of(cx) {
            None => Either::Left(self.step.call(input, cx)),
            Some(active) => Either::Right(Box::pin(async move {
                let json = serde_json::to_value(&input);
                self.recorded::<In, _, _>(active, json, cx, |inside, meter| async move {
                    (self.step.call(input, &inside).await, meter)
                })
                .await
            })),
        }
    }

    fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        In: Clone + Sync,
    {
        match Active::of(cx) {
            None => Either::Left(self.step.call_ref(input, cx)),
            Some(active) => Either::Right(Box::pin(async move {
                let json = serde_json::to_value(input);
                self.recorded::<In, _, _>(active, json, cx, |inside, meter| async move {
                    (self.step.call_ref(input, &inside).await, meter)
                })
                .await
            })),
        }
    }

    fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        waits(match Active::of(cx) {
            None => Either::Left(future_of(&self.step, input, cx)),
            Some(_) => Either::Right(self.call(input, cx)),
        })
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        In: Clone + Sync,
    {
        waits(match Active::of(cx) {
            None => Either::Left(future_of_ref(&self.step, input, cx)),
            Some(_) => Either::Right(self.call_ref(input, cx)),
        })
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        match Active::of(cx) {
            None => self.step.call_stream(input, cx),
            Some(active) => self.stream(active, input, cx),
        }
    }

    fn transform<'a, Up>(
        &'a self,
        chunks: Chunks<'a, Up::Chunk>,
        assembler: Up,
        cx: &'a Context,
    ) -> Chunks<'a, Self::Chunk>
    where
        Up: Assemble<Output = In>,
        In: 'a,
    {
        match Active::of(cx) {
            None => self.step.transform(chunks, assembler, cx),
            Some(active) => Chunks::open(async move { Ok(self.stream(active, chunks.assemble(assembler).await?, cx)) }),
        }
    }
}
