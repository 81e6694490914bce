//! Steps that take chunks and yield chunks: generators.

use crate::{
    Assemble, BoxError, Chunks, Context, Error, Extent, Gather, Gathered, Kind, Node, Result, Runnable, Step,
    observe::instrument::{observed_stream, observed_transform},
    reflect::registry,
    step::call::{Call, Started, waits},
    stream::{
        assemble::pieces,
        chunks::StepAt,
        typed::{Located, Piped},
    },
    util::{cast::same, coop::Turn},
};
use futures_core::Stream;
use futures_util::{StreamExt, TryFutureExt, TryStreamExt};
use serde_json::Value;
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll, ready},
    vec,
};

/// A step from chunks to chunks: what comes out may start before all has come in.
///
/// `#[runnable]` makes one of a function from a stream to a stream, [`generator`] of a closure. It takes the chunks of the
/// step before as they come where these are its items, else what it gets is cut up ([`Assemble::split`]). What it yields
/// adds up as [`Gather`] says.
///
/// ```
/// use catena::prelude::*;
/// use futures_util::{Stream, StreamExt};
///
/// #[runnable]
/// fn shout(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
///     text.map(|piece| Ok(piece?.to_uppercase()))
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(shout.invoke("hey".to_owned()).await?, "HEY");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// Takes and gives pieces. An error ends the stream on either side: one of the step before reaches the function as the last
/// item of what it reads, and is not its own unless it changes it.
pub struct Generator<F, I, O> {
    function: F,
    items: PhantomData<fn(I) -> O>,
}

/// A [`Generator`] without a macro. The closure makes the stream; what the stream does runs only while it is read.
///
/// ```
/// use catena::{Chunks, generator, prelude::*};
/// use futures_util::StreamExt;
///
/// let double = generator(|numbers: Chunks<'_, u32>| Chunks::new(numbers.map(|n| Ok(n? * 2))));
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(double.invoke(vec![1, 2]).await?, [2, 4]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// Takes and gives pieces.
pub const fn generator<I, O, F>(function: F) -> Generator<F, I, O>
where
    F: for<'a> Fn(Chunks<'a, I>) -> Chunks<'a, O> + Send + Sync,
{
    Generator { function, items: PhantomData }
}

impl<F: Clone, I, O> Clone for Generator<F, I, O> {
    fn clone(&self) -> Self {
        Generator { function: self.function.clone(), items: PhantomData }
    }
}

impl<F: Send + Sync, I, O> Step for Generator<F, I, O> {
    const NODE: Node = Node::leaf("", Kind::Generator).streaming(Extent::Pieces, Extent::Pieces);
}

impl<I: Gather, O: Gather, F> Runnable<Gathered<I>> for Generator<F, I, O>
where
    F: for<'a> Fn(Chunks<'a, I>) -> Chunks<'a, O> + Send + Sync,
{
    type Output = Gathered<O>;
    type Chunk = O;
    type Assembler = O::Assembler;

    fn assembler(&self) -> Self::Assembler {
        O::assembler()
    }

    fn input_json(&self, input: &Gathered<I>) -> Option<Value> {
        registry::json(input)
    }

    fn start<'a>(
        &'a self,
        input: Gathered<I>,
        _cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        waits((self.function)(Chunks::new(items_of(input))).assemble(O::Assembler::default()))
    }

    fn call_stream<'a>(&'a self, input: Gathered<I>, cx: &'a Context) -> Chunks<'a, O>
    where
        Gathered<I>: 'a,
    {
        observed_stream!(self, Gathered<I>, input, cx => {
            let _ = cx;
            (self.function)(Chunks::new(items_of(input)))
        })
    }

    fn transform<'a, Up>(&'a self, chunks: Chunks<'a, Up::Chunk>, assembler: Up, cx: &'a Context) -> Chunks<'a, O>
    where
        Up: Assemble<Output = Gathered<I>>,
        Gathered<I>: 'a,
    {
        observed_transform!(self, Gathered<I>, chunks, cx => {
            let _ = cx;
            (self.function)(Chunks::new(items(chunks, assembler)))
        })
    }
}

/// A whole input as the items of a generator.
pub fn items_of<I: Gather>(input: Gathered<I>) -> impl Stream<Item = Result<I>> + Send + Unpin + use<I> {
    pieces(&I::Assembler::default(), input)
}

pin_project_lite::pin_project! {
    /// The chunks of the step before as the items of a generator: as they are, or else the whole of them cut up.
    pub struct Items<S, Up: Assemble, I> {
        #[pin]
        chunks: S,
        // What puts them together, until they all are there.
        assembler: Option<Up>,
        cut: vec::IntoIter<I>,
    }
}

/// The items of a generator, of the chunks of the step before.
pub fn items<'a, I, Up, S>(chunks: S, assembler: Up) -> Items<S, Up, I>
where
    I: Gather,
    Up: Assemble<Output = Gathered<I>>,
    S: Piped<'a, Up::Chunk>,
{
    Items { chunks, assembler: Some(assembler), cut: Vec::new().into_iter() }
}

impl<I, Up, S> Stream for Items<S, Up, I>
where
    I: Gather,
    Up: Assemble<Output = Gathered<I>>,
    S: Stream<Item = Result<Up::Chunk>>,
{
    type Item = Result<I>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<I>>> {
        // The compiler knows which: nothing is looked at here.
        match same() {
            Some(same) => same(self.project().chunks.poll_next(task)),
            None => self.poll_cut(task),
        }
    }
}

impl<I, Up, S> Items<S, Up, I>
where
    I: Gather,
    Up: Assemble<Output = Gathered<I>>,
    S: Stream<Item = Result<Up::Chunk>>,
{
    /// The next item of what has to be there as a whole before it is cut up.
    fn poll_cut(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<I>>> {
        let mut this = self.project();
        while let Some(assembler) = this.assembler {
            match ready!(this.chunks.as_mut().poll_next(task)) {
                Some(Ok(chunk)) => assembler.push(chunk),
                Some(Err(error)) => {
                    *this.assembler = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => match this.assembler.take().map(Assemble::finish) {
                    Some(Ok(output)) => {
                        let mut items = Vec::new();
                        I::Assembler::default().split(output, &mut |item| items.push(item));
                        *this.cut = items.into_iter();
                    }
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    None => {}
                },
            }
        }
        Poll::Ready(this.cut.next().map(Ok))
    }
}

/// The stream that a function makes, which runs only when it is read.
pub fn generate<'a, O, E, S>(function: impl FnOnce() -> S + Send + 'a) -> impl Piped<'a, O>
where
    O: Send + 'static,
    E: Into<BoxError> + 'static,
    S: Stream<Item = std::result::Result<O, E>> + Send + 'a,
{
    Made { state: State::Function { function: Some(function) }, turn: Turn::new() }
}

/// The same of a stream whose items are no `Result`s.
pub fn generate_sound<'a, O, S>(function: impl FnOnce() -> S + Send + 'a) -> impl Piped<'a, O>
where
    O: Send + 'static,
    S: Stream<Item = O> + Send + 'a,
{
    generate(|| function().map(Ok::<O, Error>))
}

pin_project_lite::pin_project! {
    /// What a function makes.
    struct Made<F, S> {
        #[pin]
        state: State<F, S>,
        turn: Turn,
    }
}

pin_project_lite::pin_project! {
    #[project = MadeState]
    enum State<F, S> {
        // Until it is read.
        Function { function: Option<F> },
        Stream { #[pin] stream: S },
    }
}

impl<'a, O, E, S, F> Piped<'a, O> for Made<F, S>
where
    O: Send + 'static,
    E: Into<BoxError> + 'static,
    S: Stream<Item = std::result::Result<O, E>> + Send + 'a,
    F: FnOnce() -> S + Send + 'a,
{
    type Located = Located<'a, Self>;

    fn signed(self, name: Option<&'a str>, place: Option<StepAt<'a>>, last: bool) -> Self::Located {
        Located::of_step(self, name, place, last)
    }

    fn of_field(self, field: &'static str) -> Self::Located {
        Located::of_field(self, field)
    }

    fn chunks(self) -> Chunks<'a, O> {
        Chunks::new(self)
    }
}

impl<S, F: FnOnce() -> S> State<F, S> {
    /// Call the function. Where it panicked before, there is no stream.
    #[cold]
    #[inline(never)]
    fn begin(mut self: Pin<&mut Self>) {
        if let MadeState::Function { function } = self.as_mut().project()
            && let Some(function) = function.take()
        {
            self.set(State::Stream { stream: function() });
        }
    }
}

impl<O, E, S, F> Stream for Made<F, S>
where
    O: 'static,
    E: Into<BoxError> + 'static,
    S: Stream<Item = std::result::Result<O, E>>,
    F: FnOnce() -> S,
{
    type Item = Result<O>;

    // Small enough for the user's stream to be put into it: two calls for each step of a long chain are more than a
    // processor keeps the ways back of.
    #[inline]
    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<O>>> {
        let mut this = self.project();
        if matches!(*this.state, State::Function { .. }) {
            this.state.as_mut().begin();
        }
        let MadeState::Stream { stream } = this.state.project() else { return Poll::Ready(None) };
        let polled = this.turn.poll_next(stream, task);
        match same() {
            // The error is Catena's own already.
            Some(same) => same(polled),
            None => polled.map_err(Error::other),
        }
    }
}

/// The stream that a function makes of an input which has to be waited for.
pub fn generate_after<'a, I, O, E, S>(
    input: impl Future<Output = Result<I>> + Send + 'a,
    function: impl FnOnce(I) -> S + Send + 'a,
) -> Chunks<'a, O>
where
    I: Send + 'a,
    O: Send + 'a,
    E: Into<BoxError> + 'static,
    S: Stream<Item = std::result::Result<O, E>> + Send + 'a,
{
    Chunks::new(input.map_ok(|input| function(input).map_err(Error::other)).try_flatten_stream())
}

/// The same of a stream whose items are no `Result`s.
pub fn generate_sound_after<'a, I, O, S>(
    input: impl Future<Output = Result<I>> + Send + 'a,
    function: impl FnOnce(I) -> S + Send + 'a,
) -> Chunks<'a, O>
where
    I: Send + 'a,
    O: Send + 'a,
    S: Stream<Item = O> + Send + 'a,
{
    Chunks::new(input.map_ok(|input| function(input).map(Ok)).try_flatten_stream())
}
