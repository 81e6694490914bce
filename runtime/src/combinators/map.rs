//! A step over each item of a list.

use crate::{
    Assemble, Chunks, Component, ComponentKind, Context, Error, ErrorKind, Node, Result, Runnable, Step, Types,
    batch::{fan_out::FanOut, put},
    error::Segment,
    observe::{
        event::Position,
        instrument::{boxed, observed_call, observed_stream},
    },
    reflect::{json_schema::Definitions, registry, type_name},
    step::call::{Call, Started, future_of, waits},
};
use futures_core::Stream;
use futures_util::{StreamExt, stream::iter};
use serde_json::{Value, json};

/// A step applied to every item of a `Vec`, concurrently; made by [`map`](crate::StepExt::map).
///
/// The outputs are in the order of the inputs. The first failure stops the rest and is the error, with the item's index
/// in its path; map over a [settled](crate::Settled) step to keep failed items in place:
/// `chain!(Text => <result?: analyse>).map()`.
///
/// # Streaming
/// Each finished item as it comes, with its index. Waits for its whole input.
#[derive(Clone, Copy, Debug)]
pub struct Map<S> {
    step: S,
    concurrency: Option<usize>,
}

impl<S> Map<S> {
    pub(crate) const fn new(step: S) -> Self {
        Map { step, concurrency: None }
    }

    /// At most so many items of this map at once. Without it, all that the [run](crate::Config::max_concurrency) allows.
    /// Zero, with which nothing could ever run, fails with [`ErrorKind::BadInput`].
    pub const fn concurrency(mut self, limit: usize) -> Self {
        self.concurrency = Some(limit);
        self
    }

    fn limit(&self) -> Result<usize> {
        match self.concurrency {
            Some(0) => Err(Error::new(ErrorKind::BadInput, "a map with a concurrency of 0 would never run anything")),
            Some(limit) => Ok(limit),
            None => Ok(usize::MAX),
        }
    }
}

/// The context of an item, if it is another than that of the map.
fn item_context(cx: &Context, index: usize) -> Option<Context> {
    let item = cx.item(index);
    let part = item.as_ref().unwrap_or(cx).part(Position::Free).or(item);
    part.as_ref().unwrap_or(cx).placed().or(part)
}

impl<S> Map<S> {
    /// The call of a map that has no observers.
    async fn items<In: Send>(&self, input: Vec<In>, cx: &Context) -> Result<Vec<S::Output>>
    where
        S: Runnable<In>,
    {
        if cx.limit().is_some() || cx.tracked_place().is_some() {
            // On the heap, so that items without a context of their own need no room for it.
            return boxed(|| self.limited(input, cx)).await;
        }
        let limit = self.limit()?;
        let len = input.len();
        let start = |index, item| async move {
            let output = future_of(&self.step, item, cx).await;
            Ok((index, output.map_err(|error| locate(error, index, self.step.name()))?))
        };
        collect(len, FanOut::new(iter(input), limit, cx, start).outcomes()).await
    }

    /// The call of a map whose items have contexts of their own, that has no observers.
    async fn limited<In: Send>(&self, input: Vec<In>, cx: &Context) -> Result<Vec<S::Output>>
    where
        S: Runnable<In>,
    {
        let limit = self.limit()?;
        let len = input.len();
        let start = |index, item| {
            boxed(move || async move {
                let child = item_context(cx, index);
                let output = future_of(&self.step, item, child.as_ref().unwrap_or(cx)).await;
                Ok((index, output.map_err(|error| locate(error, index, self.step.name()))?))
            })
        };
        collect(len, FanOut::new(iter(input), limit, cx, start).outcomes()).await
    }
}

async fn collect<O>(len: usize, outputs: impl Stream<Item = Result<(usize, O)>>) -> Result<Vec<O>> {
    let mut outputs = std::pin::pin!(outputs);
    // The length is that of the input, not a hint: every index is below it.
    let mut items = Vec::with_capacity(len);
    while let Some(output) = outputs.next().await {
        let (index, item) = output?;
        put(&mut items, index, item);
    }
    Ok(items.into_iter().flatten().collect())
}

#[cold]
fn locate(error: Error, index: usize, name: Option<&str>) -> Error {
    error.at(Segment::Index(index)).known_as(name)
}

impl<S: Step> Step for Map<S> {
    const NODE: Node = Node::Map(&S::NODE);

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In: Send, S: Runnable<In>> Runnable<Vec<In>> for Map<S> {
    type Output = Vec<S::Output>;
    type Chunk = (usize, S::Output);
    type Assembler = MapAssembler<S::Output>;

    fn assembler(&self) -> Self::Assembler {
        MapAssembler { items: Vec::new() }
    }

    async fn call<'a>(&'a self, input: Vec<In>, cx: &'a Context) -> Result<Self::Output> {
        if !cx.is_observed() {
            return future_of(self, input, cx).await;
        }
        observed_call!(self, &input, cx => {
            let limit = self.limit()?;
            let len = input.len();
            let start = |index, item| {
                boxed(move || async move {
                    let child = item_context(cx, index);
                    let output = self.step.call(item, child.as_ref().unwrap_or(cx)).await;
                    Ok((index, output.map_err(|error| locate(error, index, self.step.name()))?))
                })
            };
            collect(len, FanOut::new(iter(input), limit, cx, start).outcomes()).await
        })
    }

    fn start<'a>(
        &'a self,
        input: Vec<In>,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        waits(self.items(input, cx))
    }

    fn call_stream<'a>(&'a self, input: Vec<In>, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        Vec<In>: 'a,
    {
        observed_stream!(self, Vec<In>, input, cx => Chunks::open(async move {
            let limit = self.limit()?;
            let start = move |index, item| {
                boxed(move || async move {
                    let child = item_context(cx, index);
                    let output = self.step.call(item, child.as_ref().unwrap_or(cx)).await;
                    Ok((index, output.map_err(|error| locate(error, index, self.step.name()))?))
                })
            };
            Ok(Chunks::new(FanOut::new(iter(input), limit, cx, start).outcomes()))
        }))
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
        types.schema::<Vec<S::Output>>(|| {
            let mut definitions = Definitions::default();
            let items = definitions.embed(registry::schema_of::<S::Output>());
            definitions.root(json!({ "type": "array", "items": items }))
        });
        types.name::<Vec<S::Output>>(|| Some(format!("Vec<{}>", type_name::of::<S::Output>())));
        types.write::<Vec<S::Output>>(|any| {
            let items = any.downcast_ref::<Vec<S::Output>>()?;
            items.iter().map(|item| registry::json(item)).collect()
        });
        types.write::<(usize, S::Output)>(|any| {
            let (index, item) = any.downcast_ref::<(usize, S::Output)>()?;
            Some(json!([index, registry::json(item)?]))
        });
    }

    fn component(&self) -> Component {
        let map = Component::around(ComponentKind::Map, self.step.component()).giving::<Self::Output>();
        match self.concurrency {
            Some(limit) => map.with("max_concurrency", limit),
            None => map,
        }
    }

    fn input_json(&self, input: &Vec<In>) -> Option<Value> {
        input.iter().map(|item| self.step.input_json(item)).collect::<Option<Vec<_>>>().map(Value::from)
    }
}

/// Puts the items in their places.
pub struct MapAssembler<O> {
    /// As they came. An index is what a stream says: it orders the items, and reserves nothing.
    items: Vec<(usize, O)>,
}

impl<O> Default for MapAssembler<O> {
    fn default() -> Self {
        MapAssembler { items: Vec::new() }
    }
}

impl<O> MapAssembler<O> {
    fn take(mut self) -> Result<Vec<O>> {
        // Of two with the same index, the later one counts.
        self.items.reverse();
        self.items.sort_by_key(|(index, _)| *index);
        self.items.dedup_by_key(|(index, _)| *index);
        let len = self.items.last().map_or(0, |(last, _)| last.saturating_add(1));
        match len - self.items.len() {
            0 => Ok(self.items.into_iter().map(|(_, item)| item).collect()),
            missing => Err(Error::msg(format!("the stream of a map ended with {missing} of {len} items missing"))),
        }
    }
}

impl<O: Send + 'static> Assemble for MapAssembler<O> {
    type Chunk = (usize, O);
    type Output = Vec<O>;

    fn push(&mut self, chunk: Self::Chunk) {
        self.items.push(chunk);
    }

    fn finish(self) -> Result<Vec<O>> {
        self.take()
    }

    fn split(&self, output: Vec<O>, emit: &mut dyn FnMut(Self::Chunk)) {
        output.into_iter().enumerate().for_each(emit);
    }

    fn known_copy(&self, (index, item): &Self::Chunk) -> Option<Self::Chunk> {
        Some((*index, registry::copy(item)?))
    }

    fn fork(&self) -> Option<Self> {
        Some(MapAssembler::default())
    }
}
