//! A step that is made when it runs.

use crate::{
    Chunks, Context, Error, Kind, Node, Result, Runnable, Step,
    step::call::{Call, Started, future_of, future_of_ref, waits},
};

/// A step that is built on each call, and runs in the context of that call.
///
/// It is how a chain contains itself: built eagerly, it would have no end. With the chain [boxed](crate::BoxRunnable),
/// the turns are counted, and past the recursion limit the run fails instead of going on forever. In the path of an error, the
/// step that is made stands after this one: `lazy.ask`.
#[derive(Clone, Copy, Debug)]
pub struct Lazy<F> {
    build: F,
}

/// A step made by a function when it runs.
///
/// ```
/// use catena::{BoxRunnable, ErrorKind, lazy, prelude::*};
///
/// fn factorial() -> BoxRunnable<i64, i64> {
///     chain!(i64 => match {
///         0 => |_| 1,
///         _ => <n: _, rest: |n| n - 1 | lazy(factorial)> | |r| r.n * r.rest,
///     })
///     .boxed()
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(factorial().invoke(5).await?, 120);
/// // It never gets to 0: the recursion limit ends it.
/// let error = factorial().invoke(-1).await.unwrap_err();
/// assert_eq!(error.kind(), &ErrorKind::Recursion { limit: 25 });
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// As the step does that it makes. Waits for its whole input.
pub const fn lazy<F: Fn() -> R, R: Step>(build: F) -> Lazy<F> {
    Lazy { build }
}

impl<F: Send + Sync> Step for Lazy<F> {
    const NODE: Node = Node::leaf("", Kind::Lazy).opaque();
}

impl<In: Send, F, R> Runnable<In> for Lazy<F>
where
    F: Fn() -> R + Send + Sync,
    R: Runnable<In>,
{
    type Output = R::Output;
    type Chunk = R::Chunk;
    type Assembler = R::Assembler;

    fn assembler(&self) -> Self::Assembler {
        (self.build)().assembler()
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        (self.build)().call(input, cx).await.map_err(Error::called)
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output>
    where
        In: Clone + Sync,
    {
        (self.build)().call_ref(input, cx).await.map_err(Error::called)
    }

    fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        waits(async move { future_of(&(self.build)(), input, cx).await.map_err(Error::called) })
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        In: Clone + Sync,
    {
        waits(async move { future_of_ref(&(self.build)(), input, cx).await.map_err(Error::called) })
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        Chunks::generate(move |out| async move {
            let step = (self.build)();
            out.forward(step.call_stream(input, cx)).await.map_err(Error::called)
        })
    }
}
