//! The two traits everything is made of: [`Step`] says what a step is, [`Runnable`] runs it on an input.

use crate::{
    Assemble, Chunks, Component, Context, Details, Keys, Node, Result, Running, Types,
    macro_support::infer::{Carries, Flow, Given},
    step::{
        call::{Call, Started, waits},
        outcome::{MapOutcome, unchanged},
    },
    stream::typed::Piped,
};
use serde_json::Value;
use std::future::Future;

/// What is known of a step without running it.
///
/// The modifiers (`.retry(..)`, `.timeout(..)`, ..) are methods on every `Step`: see [`StepExt`](crate::StepExt).
pub trait Step: Send + Sync + Sized {
    /// The structure, as a constant.
    const NODE: Node;

    /// Returns the name that this value has of its own, if it has one.
    ///
    /// Events, error paths, graphs and drawings call a step by the same name, wherever it stands. It is the first that there
    /// is of these:
    ///
    /// 1. the name given to it from outside: by [`named`](crate::StepExt::named) or a
    ///    [run name](crate::Config::run_name);
    /// 2. its own name, which this method returns: that of a function, a model, a retriever, a tool. An empty name is none;
    /// 3. the word that it is written as in a chain: `sonnet` of `sonnet()`, `|text|` of a closure, a field of a map;
    /// 4. what it is: `closure`, `model`, `retriever`, `parser`, ..
    ///
    /// A modifier (`.retry(..)`, `.timeout(..)`, `.spawned()`, `.boxed()`, ..) returns the name of the step inside it. A name
    /// or a word that is given to a retry, a fallback, a race or a map is for its own run, and for the step inside only if
    /// that has no other. Runs of what is composed say how: `sequence`, `parallel<gpt,claude>`, `map<parse>`, `branch`,
    /// `fallback`, `race`.
    ///
    /// ```
    /// use catena::{Event, prelude::*};
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn names<R: Runnable<u32>>(step: R) -> Vec<String> {
    /// #     let events: Vec<Event> = step.events(1).try_collect().await.unwrap();
    /// #     events.iter().filter(|event| event.event() == "on_chain_start").map(|event| event.name().to_owned()).collect()
    /// # }
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// assert_eq!(names(double.retry(3)).await, ["double", "double"]);
    /// assert_eq!(names(double.retry(3).named("twice")).await, ["twice", "double"]);
    /// assert_eq!(names(chain!(u32 => |n| n + 1).retry(3)).await, ["|n|", "|n|"]);
    /// # });
    /// ```
    fn name(&self) -> Option<&str> {
        Self::NODE.name()
    }

    /// Add the keys of the values that a run can set of it. By default none; combinators pass it on to their steps.
    fn keys(&self, _keys: &mut Keys) {}

    /// Tell the settings that only this value knows: which model it asks, at what temperature. Graphs and manifests show
    /// them, without secrets ([`Details`]). By default there are none.
    ///
    /// ```
    /// use catena::{Details, Kind, Node, Step};
    ///
    /// struct Search { index: String }
    ///
    /// impl Step for Search {
    ///     const NODE: Node = Node::leaf("search", Kind::Retriever);
    ///
    ///     fn details(&self, details: &mut Details) {
    ///         details.set("index", self.index.as_str());
    ///     }
    /// }
    /// ```
    fn details(&self, _details: &mut Details) {}
}

/// A step that runs on an `In`.
///
/// Functions get it by [`#[runnable]`](macro@crate::runnable), chains by [`chain!`](crate::chain). On an `impl` block,
/// `#[runnable]` fills in all that is not written, so that by hand it is just this:
///
/// ```
/// use catena::prelude::*;
///
/// struct Scale(f64);
///
/// #[runnable]
/// impl Runnable<f64> for Scale {
///     type Output = f64;
///     async fn call(&self, input: f64, _cx: &Context) -> catena::Result<f64> {
///         Ok(input * self.0)
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(Scale(2.0).invoke(21.0).await?, 42.0);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// To run one, use the methods of [`RunnableExt`](crate::RunnableExt): `invoke`, `stream` and their like.
///
/// # Steps of several types in one place
///
/// The trait is not dyn compatible: there is no `Box<dyn Runnable<..>>`. A step behind a pointer is a
/// [`BoxRunnable`](crate::BoxRunnable), which [`boxed`](crate::StepExt::boxed) makes of any step. Steps and chains have a type
/// each, so a `Vec`, a map and the two ends of an `if` need it:
///
/// ```
/// use catena::{BoxRunnable, prelude::*, sequence_of};
///
/// let steps: Vec<BoxRunnable<String, String>> = vec![
///     chain!(String => |text| text.trim().to_owned()).boxed(),
///     chain!(String => |text| text + "!").boxed(),
/// ];
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(steps[1].invoke("so".to_owned()).await?, "so!");
/// assert_eq!(sequence_of(steps).invoke(" so ".to_owned()).await?, "so!");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Names
///
/// The lower half of the two is named `call_stream`, not `stream`, because a trait method wins over an extension
/// method in code that is generic over `R: Runnable<In>`, and there, too, `chain.stream(input)` must mean what it says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a step that takes `{In}`",
    label = "this step gets `{In}`",
    note = "a plain function becomes a step with `#[runnable]`; a closure in between adapts a value: `.. | |x| .. | ..`; `|x| x?` unwraps a `Result`"
)]
pub trait Runnable<In: Send>: Step {
    /// What it gives.
    type Output: Send + 'static;
    /// What its stream yields.
    type Chunk: Send + 'static;
    /// Makes the output of the chunks.
    type Assembler: Assemble<Chunk = Self::Chunk, Output = Self::Output>;

    /// A fresh assembler for one stream.
    fn assembler(&self) -> Self::Assembler;

    /// Tell what is known of the types that go through this step, for the events of a run. Combinators pass it on to
    /// their steps. By default nothing.
    fn types(&self, _types: &mut Types) {}

    /// What it is, for graphs and manifests. Combinators put it together from their steps; one of your own that adds
    /// nothing to its step hands over to it. By default what [`NODE`](Step::NODE) and [`details`](Step::details) say.
    fn component(&self) -> Component {
        Component::of(self)
    }

    /// The input as JSON, where its type can be written as such. By default it cannot.
    fn input_json(&self, _input: &In) -> Option<Value> {
        None
    }

    /// Runs the step on an input, in a run of its own if there are observers. Allocates nothing beyond what the steps do themselves.
    ///
    /// It is what a step of one's own defines.
    fn call<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        Running::call(self, input, cx)
    }

    /// Runs the step on a borrowed input. By default on a clone of it; steps that only read override this, and then a parallel map
    /// or a retry over them copies nothing.
    fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        In: Clone + Sync,
    {
        self.call(input.clone(), cx)
    }

    /// Starts what the step does, without a run of its own. What is ready at once needs no future.
    ///
    /// The runtime calls it if there are no observers, and inside of the step's run. Steps that come with Catena define it, and have
    /// [`call`](Self::call) from it; by default it is that.
    #[doc(hidden)]
    #[inline]
    fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        waits(self.call(input, cx))
    }

    /// Starts what the step does with an input that it only reads. By default with a clone of it.
    #[doc(hidden)]
    #[inline]
    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        In: Clone + Sync,
    {
        self.start(input.clone(), cx)
    }

    /// The chunks as they come. One allocation for the stream.
    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a;

    /// Run on the chunks of the step before. By default waits for all of them, which is what blocks a stream; steps
    /// that can work piece by piece override this.
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
        Chunks::open(async move { Ok(self.call_stream(chunks.assemble(assembler).await?, cx)) })
    }

    /// `call_stream`, for a caller that knows that there are no observers: with the type of the stream, where the step knows it.
    #[doc(hidden)]
    fn stream_unobserved<'a>(&'a self, input: In, cx: &'a Context) -> impl Piped<'a, Self::Chunk>
    where
        In: 'a,
    {
        self.call_stream(input, cx)
    }

    /// `transform`, for a caller that knows that there are no observers: of and with the type of the stream.
    #[doc(hidden)]
    fn transform_unobserved<'a, Up>(
        &'a self,
        chunks: impl Piped<'a, Up::Chunk>,
        assembler: Up,
        cx: &'a Context,
    ) -> impl Piped<'a, Self::Chunk>
    where
        Up: Assemble<Output = In>,
        In: 'a,
    {
        self.transform(chunks.chunks(), assembler, cx)
    }

    /// The step at this place of a chain: what `chain!` types a chain with.
    ///
    /// It is here, and not a function with a bound, because then the compiler says of a step that does not fit only that,
    /// and not by which bound it found out. The step's type comes by way of its chunks: where it does not fit, these are
    /// not known, its type stays open, and the chain around it is not a second error wherever it is used.
    #[doc(hidden)]
    fn fit<F, O, C, B, T>(_: F, step: Self) -> (T, Flow<O, B>)
    where
        F: Carries<Value = In>,
        Self: Runnable<In, Output = O, Chunk = C, Assembler = B>,
        C: Given<Self, By = T>,
    {
        (C::by(step), Flow::new())
    }
}

/// `call_stream` of a step that gives its output at once.
pub fn stream_whole<'a, In: Send + 'a, R: Runnable<In, Chunk = O, Output = O>, O: Send + 'static>(
    step: &'a R,
    input: In,
    cx: &'a Context,
) -> Chunks<'a, O> {
    match cx.streaming() {
        None => Chunks::once(step.call(input, cx)),
        Some(cx) => Chunks::once(async move { step.call(input, &cx).await }),
    }
}

/// `transform` of a step that gives its output at once: one allocation where the default needs two.
pub fn transform_whole<'a, In, R, O, Up>(
    step: &'a R,
    chunks: Chunks<'a, Up::Chunk>,
    assembler: Up,
    cx: &'a Context,
) -> Chunks<'a, O>
where
    In: Send + 'a,
    R: Runnable<In, Chunk = O, Output = O>,
    O: Send + 'static,
    Up: Assemble<Output = In>,
{
    match cx.streaming() {
        None => Chunks::once(async move { step.call(chunks.assemble(assembler).await?, cx).await }),
        Some(cx) => Chunks::once(async move { step.call(chunks.assemble(assembler).await?, &cx).await }),
    }
}

/// The stream half of a [`Runnable`] that gives its output at once.
macro_rules! whole {
    ($In:ty) => {
        type Chunk = Self::Output;
        type Assembler = $crate::Whole<Self::Output>;

        fn assembler(&self) -> Self::Assembler {
            $crate::Whole::default()
        }

        fn call_stream<'a>(&'a self, input: $In, cx: &'a $crate::Context) -> $crate::Chunks<'a, Self::Chunk>
        where
            $In: 'a,
        {
            $crate::step::runnable::stream_whole(self, input, cx)
        }

        fn transform<'a, Up>(
            &'a self,
            chunks: $crate::Chunks<'a, Up::Chunk>,
            assembler: Up,
            cx: &'a $crate::Context,
        ) -> $crate::Chunks<'a, Self::Chunk>
        where
            Up: $crate::Assemble<Output = $In>,
            $In: 'a,
        {
            $crate::step::runnable::transform_whole::<$In, _, _, _>(self, chunks, assembler, cx)
        }
    };
}
pub(crate) use whole;

/// The types of a [`Runnable`] that gives what the step in its field `step` gives.
macro_rules! like {
    ($In:ty, $Step:ty) => {
        type Output = <$Step as $crate::Runnable<$In>>::Output;
        type Chunk = <$Step as $crate::Runnable<$In>>::Chunk;
        type Assembler = <$Step as $crate::Runnable<$In>>::Assembler;

        fn assembler(&self) -> Self::Assembler {
            <$Step as $crate::Runnable<$In>>::assembler(&self.step)
        }

        fn types(&self, types: &mut $crate::Types) {
            <$Step as $crate::Runnable<$In>>::types(&self.step, types);
        }

        fn input_json(&self, input: &$In) -> Option<serde_json::Value> {
            <$Step as $crate::Runnable<$In>>::input_json(&self.step, input)
        }
    };
}
pub(crate) use like;

/// All of a [`Runnable`] that another one does in its place.
macro_rules! forward {
    ($In:ty, $to:ty) => {
        type Output = <$to as Runnable<$In>>::Output;
        type Chunk = <$to as Runnable<$In>>::Chunk;
        type Assembler = <$to as Runnable<$In>>::Assembler;

        fn assembler(&self) -> Self::Assembler {
            self.inner().assembler()
        }

        fn types(&self, types: &mut $crate::Types) {
            self.inner().types(types);
        }

        fn input_json(&self, input: &$In) -> Option<serde_json::Value> {
            self.inner().input_json(input)
        }

        fn call<'a>(&'a self, input: $In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
            self.inner().call(input, cx)
        }

        fn call_ref<'a>(&'a self, input: &'a $In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
        where
            $In: Clone + Sync,
        {
            self.inner().call_ref(input, cx)
        }

        $crate::step::outcome::maps_outcome!($In);

        fn call_stream<'a>(&'a self, input: $In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
        where
            $In: 'a,
        {
            self.inner().call_stream(input, cx)
        }

        fn transform<'a, Up>(
            &'a self,
            chunks: Chunks<'a, Up::Chunk>,
            assembler: Up,
            cx: &'a Context,
        ) -> Chunks<'a, Self::Chunk>
        where
            Up: Assemble<Output = $In>,
            $In: 'a,
        {
            self.inner().transform(chunks, assembler, cx)
        }
    };
}
pub(crate) use forward;

/// `call` of a combinator that keeps its input and lends it to its steps, and `start` of one that has no better way.
// A block, not an `async fn`: this would have room for what it is given twice, as parameters and as variables.
macro_rules! lent {
    ($In:ty) => {
        $crate::step::runnable::lent!($In, call);

        fn start<'a>(
            &'a self,
            input: $In,
            cx: &'a $crate::Context,
        ) -> $crate::step::call::Started<impl $crate::step::call::Call<'a, Self, Self::Output>, Self::Output> {
            $crate::step::call::lent(self, input, cx)
        }
    };
    ($In:ty, call) => {
        #[allow(clippy::manual_async_fn)]
        fn call<'a>(
            &'a self,
            input: $In,
            cx: &'a $crate::Context,
        ) -> impl Future<Output = $crate::Result<Self::Output>> + Send {
            async move { self.call_ref(&input, cx).await }
        }
    };
}
pub(crate) use lent;

/// References, boxes and shared pointers to a step are steps.
macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<R: Step> Step for $Pointer {
            const NODE: Node = R::NODE;

            fn name(&self) -> Option<&str> {
                (**self).name()
            }

            fn keys(&self, keys: &mut $crate::Keys) {
                (**self).keys(keys);
            }

            fn details(&self, details: &mut $crate::Details) {
                (**self).details(details);
            }
        }

        impl<In: Send, R: Runnable<In>> Runnable<In> for $Pointer {
            forward!(In, R);

            fn component(&self) -> Component {
                (**self).component()
            }
        }

        impl<R> Delegate for $Pointer {
            type To = R;
            fn inner(&self) -> &R {
                self
            }
        }

        impl<R, O> MapOutcome<O> for $Pointer {
            unchanged!(O);
        }
    )*};
}

/// The step a wrapper hands over to.
pub(crate) trait Delegate {
    type To;
    fn inner(&self) -> &Self::To;
}

pointer!(&R, Box<R>, std::sync::Arc<R>);
