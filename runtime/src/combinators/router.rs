//! A step chosen by a key, from those there are at run time.

use crate::{
    BoxAssembler, BoxRunnable, C, Chunks, Component, ComponentKind, Context, Error, Field, Keys, Kind, Member, Node,
    Record, Result, Runnable, Step, Types,
    error::Segment,
    observe::{
        event::Position,
        instrument::{observed_call, observed_stream, within},
    },
    reflect::registry,
    step::call::{Call, Started, future_of, waits},
    util::suggest::unknown,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, future::ready};

/// Runs the step that its input names: the input is a record with a `key`, and the `input` for that step.
///
/// ```
/// use catena::{Router, prelude::*};
///
/// let router = Router::new([
///     ("add", chain!(i64 => |n| n + 1).boxed()),
///     ("square", chain!(i64 => |n| n * n).boxed()),
/// ]);
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(router.invoke(record! { key: "square", input: 3 }).await?, 9);
/// let error = router.invoke(record! { key: "sqare", input: 3 }).await.unwrap_err();
/// assert_eq!(error.message(), "there is no route `sqare`: did you mean `square`?");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// A key that is not there fails with [`ErrorKind::BadInput`](crate::ErrorKind::BadInput); in a batch, only the input that
/// has it.
///
/// # Streaming
/// As the chosen step does ([`boxed_stream`](crate::StepExt::boxed_stream)). Waits for its whole input.
pub struct Router<In, Out, Chunk = Out> {
    routes: BTreeMap<String, BoxRunnable<In, Out, Chunk>>,
}

impl<In, Out, Chunk> Router<In, Out, Chunk> {
    /// With these routes; of two with the same key, the last counts.
    pub fn new<K: Into<String>>(routes: impl IntoIterator<Item = (K, BoxRunnable<In, Out, Chunk>)>) -> Self {
        Router { routes: routes.into_iter().map(|(key, step)| (key.into(), step)).collect() }
    }

    /// The keys there are.
    pub fn routes(&self) -> impl Iterator<Item = &str> + Clone {
        self.routes.keys().map(String::as_str)
    }

    fn route(&self, key: &str) -> Result<&BoxRunnable<In, Out, Chunk>> {
        self.routes.get(key).ok_or_else(|| unknown("route", key, self.routes()))
    }
}

impl<In, Out, Chunk> Clone for Router<In, Out, Chunk> {
    fn clone(&self) -> Self {
        Router { routes: self.routes.clone() }
    }
}

impl<In, Out, Chunk> Step for Router<In, Out, Chunk> {
    const NODE: Node = Node::leaf("router", Kind::Function).opaque();

    fn keys(&self, keys: &mut Keys) {
        self.routes.values().for_each(|step| step.keys(keys));
    }
}

type KeyName = (C<'k'>, C<'e'>, C<'y'>);
type InputName = (C<'i'>, C<'n'>, C<'p'>, C<'u'>, C<'t'>);

#[cold]
fn locate(error: Error, key: &str, name: Option<&str>) -> Error {
    // A step that is called as its route is said once.
    let error = if name == Some(key) { error } else { error.called() };
    error.at(Segment::Step(key.to_owned().into()))
}

impl<R, In, Out, Chunk> Runnable<R> for Router<In, Out, Chunk>
where
    R: Record + Field<KeyName, Type: AsRef<str> + Send> + Field<InputName, Type = In> + Send,
    In: Send + 'static,
    Out: Send + 'static,
    Chunk: Send + 'static,
{
    type Output = Out;
    type Chunk = Chunk;
    type Assembler = BoxAssembler<Out, Chunk>;

    /// Of any of the routes, whose assemblers are of one sort.
    fn assembler(&self) -> Self::Assembler {
        match self.routes.values().next() {
            Some(step) => step.assembler(),
            None => BoxAssembler::of_nothing(),
        }
    }

    fn types(&self, types: &mut Types) {
        self.routes.values().for_each(|step| step.types(types));
    }

    fn component(&self) -> Component {
        let routes = self.routes.iter().map(|(key, step)| Member::new(key, step.component()));
        Component { members: routes.collect(), ..Component::new(ComponentKind::Router) }
            .called("router")
            .giving::<Out>()
    }

    fn input_json(&self, input: &R) -> Option<Value> {
        let key = <R as Field<KeyName>>::get(input).as_ref();
        let routed = <R as Field<InputName>>::get(input);
        let step = self.routes.get(key).or_else(|| self.routes.values().next());
        let routed = step.and_then(|step| step.input_json(routed)).or_else(|| registry::json(routed))?;
        Some(json!({ "key": key, "input": routed }))
    }

    async fn call<'a>(&'a self, input: R, cx: &'a Context) -> Result<Out> {
        if !cx.is_observed() {
            return future_of(self, input, cx).await;
        }
        observed_call!(self, &input, cx => {
            let (step, key, input) = {
                let mut parts = input.into_parts();
                let key = <R as Field<KeyName>>::take(&mut parts);
                (self.route(key.as_ref())?, key, <R as Field<InputName>>::take(&mut parts))
            };
            let child = cx.part(Position::Free);
            let outcome = step.call(input, child.as_ref().unwrap_or(cx)).await;
            outcome.map_err(|error| locate(error, key.as_ref(), step.name()))
        })
    }

    fn start<'a>(&'a self, input: R, cx: &'a Context) -> Started<impl Call<'a, Self, Out>, Out> {
        waits(async move {
            let (step, key, input) = {
                let mut parts = input.into_parts();
                let key = <R as Field<KeyName>>::take(&mut parts);
                (self.route(key.as_ref())?, key, <R as Field<InputName>>::take(&mut parts))
            };
            future_of(step, input, cx).await.map_err(|error| locate(error, key.as_ref(), step.name()))
        })
    }

    fn call_stream<'a>(&'a self, input: R, cx: &'a Context) -> Chunks<'a, Chunk>
    where
        R: 'a,
    {
        observed_stream!(self, R, input, cx => {
            let mut parts = input.into_parts();
            let key = <R as Field<KeyName>>::take(&mut parts);
            match self.route(key.as_ref()) {
                Ok(step) => {
                    let input = <R as Field<InputName>>::take(&mut parts);
                    within!(cx.part(Position::Free), cx => step.call_stream(input, cx))
                }
                Err(error) => Chunks::once(ready(Err(error))),
            }
        })
    }
}
