//! A step behind a pointer: chosen at run time, or recursive.

use crate::{
    Assemble, Chunks, Component, Context, Keys, Node, Result, Runnable, Step, Types, run::recursion::Visits,
    step::call::future_of,
};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;

/// Any step from `In` to `Out`, behind a shared pointer: made by [`boxed`](crate::StepExt::boxed), to choose among
/// steps at run time, to store them in a struct, or to let a chain contain itself.
///
/// A call allocates its future: once. Boxes may be nested as deep as the stack allows. A box that a call is inside of
/// already is recursion: past the recursion limit (25 unless [set](crate::Config::recursion_limit)) the call fails with
/// [`ErrorKind::Recursion`](crate::ErrorKind::Recursion). Boxes that the same code makes on each turn count as one.
///
/// ```
/// use catena::{BoxRunnable, prelude::*};
/// use std::collections::HashMap;
///
/// let mut by_name: HashMap<&str, BoxRunnable<String, usize>> = HashMap::new();
/// by_name.insert("letters", chain!(String => |text| text.chars().count()).boxed());
/// by_name.insert("words", chain!(String => |text| text.split_whitespace().count()).boxed());
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(by_name["words"].invoke("to be or not".to_owned()).await?, 4);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// For a chain that contains itself see [`lazy`](crate::lazy).
///
/// # Streaming
/// With the third parameter left out, its output is a single chunk; [`boxed_stream`](crate::StepExt::boxed_stream)
/// keeps the chunks of the step, whose type then is `Chunk`. Waits for its whole input.
pub struct BoxRunnable<In, Out, Chunk = Out> {
    step: Arc<dyn Erased<In, Out, Chunk>>,
}

impl<In, Out, Chunk> Clone for BoxRunnable<In, Out, Chunk> {
    fn clone(&self) -> Self {
        BoxRunnable { step: Arc::clone(&self.step) }
    }
}

impl<In: Send, Out: Send + 'static> BoxRunnable<In, Out> {
    pub(crate) fn whole<R: Runnable<In, Output = Out> + 'static>(step: R) -> Self {
        BoxRunnable { step: Arc::new(AsWhole { visits: Visits::of::<R>(), step }) }
    }
}

impl<In: Send, Out: Send + 'static, Chunk: Send + 'static> BoxRunnable<In, Out, Chunk> {
    pub(crate) fn streaming<R: Runnable<In, Output = Out, Chunk = Chunk> + 'static>(step: R) -> Self {
        BoxRunnable { step: Arc::new(AsStream { visits: Visits::of::<R>(), step }) }
    }
}

/// Chunks, and what puts them together, given back by a box that takes no chunks.
type Untaken<'a, In, Chunk> = (Chunks<'a, Chunk>, BoxAssembler<In, Chunk>);

/// [`Runnable`] as far as a trait object can have it.
trait Erased<In, Out, Chunk>: Send + Sync {
    fn name(&self) -> Option<&str>;
    fn keys(&self, keys: &mut Keys);
    fn assembler(&self) -> BoxAssembler<Out, Chunk>;
    fn types(&self, types: &mut Types);
    fn component(&self) -> Component;
    /// The component after a step whose chunks [`transform`](Self::transform) takes.
    fn component_in_row(&self) -> Component;
    fn input_json(&self, input: &In) -> Option<Value>;
    fn call<'a>(&'a self, input: In, cx: &'a Context) -> BoxFuture<'a, Result<Out>>
    where
        In: 'a;
    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Chunk>
    where
        In: 'a;
    /// [`Runnable::transform`] for chunks of the type of its own, if the box has chunks; else what was given.
    #[allow(clippy::result_large_err)] // no error: the chunks come back as they were
    fn transform<'a>(
        &'a self,
        chunks: Chunks<'a, Chunk>,
        assembler: BoxAssembler<In, Chunk>,
        cx: &'a Context,
    ) -> Result<Chunks<'a, Chunk>, Untaken<'a, In, Chunk>>
    where
        In: 'static;
}

/// A step whose output is a single chunk once it is boxed.
struct AsWhole<R> {
    visits: Visits,
    step: R,
}

/// A step that keeps its chunks when it is boxed.
struct AsStream<R> {
    visits: Visits,
    step: R,
}

macro_rules! erased {
    (
        $As:ident, [$($Chunk:ident)?], $chunk:ty, $keeps_chunks:expr,
        assembler: |$self:ident| $assembler:expr,
        stream: |$box:ident, $input:ident, $cx:ident| $stream:expr,
        transform: |$this:ident, $chunks:ident, $up:ident, $outer:ident| $transform:expr,
    ) => {
        impl<In: Send, Out: Send + 'static, $($Chunk: Send + 'static,)? R> Erased<In, Out, $chunk> for $As<R>
        where
            R: Runnable<In, Output = Out $(, Chunk = $Chunk)?>,
        {
            fn name(&self) -> Option<&str> {
                self.step.name()
            }

            fn keys(&self, keys: &mut Keys) {
                self.step.keys(keys);
            }

            fn assembler(&$self) -> BoxAssembler<Out, $chunk> {
                BoxAssembler(Box::new($assembler))
            }

            fn types(&self, types: &mut Types) {
                self.step.types(types);
            }

            fn component(&self) -> Component {
                self.step.component().boxed($keeps_chunks)
            }

            fn component_in_row(&self) -> Component {
                if $keeps_chunks { self.step.component() } else { self.component() }
            }

            fn input_json(&self, input: &In) -> Option<Value> {
                self.step.input_json(input)
            }

            fn call<'a>(&'a self, input: In, cx: &'a Context) -> BoxFuture<'a, Result<Out>>
            where
                In: 'a,
            {
                // Decided here, so that the box has room for one of them.
                if let Some(cx) = self.visits.bare(cx) {
                    return Box::pin(future_of(&self.step, input, cx));
                }
                if cx.is_observed() {
                    return Box::pin(async move {
                        let cx = self.visits.inside(cx).map_err(|error| error.known_as(self.name()))?;
                        self.step.call(input, &cx).await
                    });
                }
                Box::pin(async move {
                    let cx = self.visits.inside(cx).map_err(|error| error.known_as(self.name()))?;
                    future_of(&self.step, input, &cx).await
                })
            }

            fn call_stream<'a>(&'a self, $input: In, $cx: &'a Context) -> Chunks<'a, $chunk>
            where
                In: 'a,
            {
                let $box = self;
                $stream
            }

            fn transform<'a>(
                &'a self,
                $chunks: Chunks<'a, $chunk>,
                $up: BoxAssembler<In, $chunk>,
                $outer: &'a Context,
            ) -> Result<Chunks<'a, $chunk>, Untaken<'a, In, $chunk>>
            where
                In: 'static,
            {
                let $this = self;
                $transform
            }
        }
    };
}

/// The context inside the box, which is in `$inside` if the box does not have it.
macro_rules! entered {
    ($self:ident, $cx:ident, $inside:ident) => {
        match $self.visits.bare($cx) {
            Some(cx) => cx,
            None => {
                $inside = $self.visits.inside($cx).map_err(|error| error.known_as($self.name()))?;
                &$inside
            }
        }
    };
}

erased!(
    AsWhole, [], Out, false,
    assembler: |self| crate::Whole::default(),
    // The call of the box, so that there is one of the step.
    stream: |this, input, cx| Chunks::once(Erased::<In, Out, Out>::call(this, input, cx)),
    transform: |this, chunks, assembler, cx| {
        let _ = (this, cx);
        Err((chunks, assembler))
    },
);
erased!(
    AsStream, [Chunk], Chunk, true,
    assembler: |self| self.step.assembler(),
    stream: |this, input, cx| {
        Chunks::generate(move |out| async move {
            let inside;
            let cx = entered!(this, cx, inside);
            out.forward(this.step.call_stream(input, cx)).await
        })
    },
    transform: |this, chunks, assembler, cx| {
        Ok(Chunks::generate(move |out| async move {
            let inside;
            let cx = entered!(this, cx, inside);
            out.forward(this.step.transform(chunks, assembler, cx)).await
        }))
    },
);

/// A step in a row of boxes, whose chunks are of one type: [`sequence_of`](crate::sequence_of).
impl<T: Send + 'static> BoxRunnable<T, T> {
    pub(crate) fn transform_in_row<'a>(
        &'a self,
        chunks: Chunks<'a, T>,
        assembler: BoxAssembler<T, T>,
        cx: &'a Context,
    ) -> Chunks<'a, T> {
        match self.step.transform(chunks, assembler, cx) {
            Ok(chunks) => chunks,
            Err((chunks, assembler)) => {
                Chunks::open(async move { Ok(self.call_stream(chunks.assemble(assembler).await?, cx)) })
            }
        }
    }

    pub(crate) fn component_in_row(&self) -> Component {
        self.step.component_in_row()
    }
}

impl<In, Out, Chunk> Step for BoxRunnable<In, Out, Chunk> {
    const NODE: Node = Node::Opaque;

    fn name(&self) -> Option<&str> {
        self.step.name()
    }

    fn keys(&self, keys: &mut Keys) {
        self.step.keys(keys);
    }
}

impl<In: Send, Out: Send + 'static, Chunk: Send + 'static> Runnable<In> for BoxRunnable<In, Out, Chunk> {
    type Output = Out;
    type Chunk = Chunk;
    type Assembler = BoxAssembler<Out, Chunk>;

    fn assembler(&self) -> Self::Assembler {
        self.step.assembler()
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
    }

    fn component(&self) -> Component {
        self.step.component()
    }

    fn input_json(&self, input: &In) -> Option<Value> {
        self.step.input_json(input)
    }

    fn call<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<Out>> + Send {
        self.step.call(input, cx)
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Chunk>
    where
        In: 'a,
    {
        self.step.call_stream(input, cx)
    }
}

/// The assembler of a [`BoxRunnable`].
pub struct BoxAssembler<Out, Chunk>(Box<dyn ErasedAssembler<Out, Chunk>>);

impl<Out: Send + 'static, Chunk: Send + 'static> BoxAssembler<Out, Chunk> {
    pub(crate) fn new<A: Assemble<Output = Out, Chunk = Chunk>>(assembler: A) -> Self {
        BoxAssembler(Box::new(assembler))
    }

    /// For a stream that has no chunks to assemble.
    pub(crate) fn of_nothing() -> Self {
        BoxAssembler(Box::new(Nothing(std::marker::PhantomData)))
    }
}

struct Nothing<Out, Chunk>(std::marker::PhantomData<fn() -> (Out, Chunk)>);

impl<Out, Chunk> ErasedAssembler<Out, Chunk> for Nothing<Out, Chunk> {
    fn push(&mut self, _chunk: Chunk) {}
    fn finish(self: Box<Self>) -> Result<Out> {
        Err(crate::Error::msg("there was nothing to assemble"))
    }
    fn split(&self, _output: Out, _emit: &mut dyn FnMut(Chunk)) {}
    fn duplicate(&self, _chunk: &Chunk) -> Option<Chunk> {
        None
    }
    fn duplicates(&self) -> bool {
        false
    }
    fn known_copy(&self, _chunk: &Chunk) -> Option<Chunk> {
        None
    }
    fn fork(&self) -> Option<BoxAssembler<Out, Chunk>> {
        None
    }
}

trait ErasedAssembler<Out, Chunk>: Send {
    fn push(&mut self, chunk: Chunk);
    fn finish(self: Box<Self>) -> Result<Out>;
    fn split(&self, output: Out, emit: &mut dyn FnMut(Chunk));
    fn duplicate(&self, chunk: &Chunk) -> Option<Chunk>;
    fn duplicates(&self) -> bool;
    fn known_copy(&self, chunk: &Chunk) -> Option<Chunk>;
    fn fork(&self) -> Option<BoxAssembler<Out, Chunk>>;
}

impl<A: Assemble> ErasedAssembler<A::Output, A::Chunk> for A {
    fn push(&mut self, chunk: A::Chunk) {
        Assemble::push(self, chunk);
    }

    fn finish(self: Box<Self>) -> Result<A::Output> {
        Assemble::finish(*self)
    }

    fn split(&self, output: A::Output, emit: &mut dyn FnMut(A::Chunk)) {
        Assemble::split(self, output, emit);
    }

    fn duplicate(&self, chunk: &A::Chunk) -> Option<A::Chunk> {
        Assemble::duplicate(self, chunk)
    }

    fn duplicates(&self) -> bool {
        Assemble::duplicates(self)
    }

    fn known_copy(&self, chunk: &A::Chunk) -> Option<A::Chunk> {
        Assemble::known_copy(self, chunk)
    }

    fn fork(&self) -> Option<BoxAssembler<A::Output, A::Chunk>> {
        Assemble::fork(self).map(|fork| BoxAssembler(Box::new(fork)))
    }
}

impl<Out: Send + 'static, Chunk: Send + 'static> Assemble for BoxAssembler<Out, Chunk> {
    type Chunk = Chunk;
    type Output = Out;

    fn push(&mut self, chunk: Chunk) {
        self.0.push(chunk);
    }

    fn finish(self) -> Result<Out> {
        self.0.finish()
    }

    fn split(&self, output: Out, emit: &mut dyn FnMut(Chunk)) {
        self.0.split(output, emit);
    }

    fn duplicate(&self, chunk: &Chunk) -> Option<Chunk> {
        self.0.duplicate(chunk)
    }

    fn duplicates(&self) -> bool {
        self.0.duplicates()
    }

    fn known_copy(&self, chunk: &Chunk) -> Option<Chunk> {
        self.0.known_copy(chunk)
    }

    fn fork(&self) -> Option<Self> {
        self.0.fork()
    }
}
