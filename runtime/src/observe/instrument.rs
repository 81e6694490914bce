//! Calls and streams of combinators, with a run around them if there are observers.

use crate::{Chunks, Context, Runnable, Running};
use futures_util::future::BoxFuture;
use std::future::Future;

impl<'a, T: Send + 'static> Chunks<'a, T> {
    /// The stream of a step that is written by hand, with the step's run around it if there are observers. `open`
    /// makes the stream, of the step, its input and the context for what it calls itself.
    ///
    /// ```
    /// use catena::{Chunks, Concat, Runnable, prelude::*};
    /// use futures_util::stream;
    ///
    /// struct Letters;
    ///
    /// #[runnable]
    /// impl Runnable<String> for Letters {
    ///     type Output = String;
    ///     type Chunk = String;
    ///     type Assembler = Concat;
    ///     fn assembler(&self) -> Concat { Concat::default() }
    ///     async fn call(&self, input: String, _cx: &Context) -> catena::Result<String> { Ok(input) }
    ///     fn call_stream<'a>(&'a self, input: String, cx: &'a Context) -> Chunks<'a, String> {
    ///         Chunks::observed(self, input, cx, |_, input, _| {
    ///             let letters: Vec<_> = input.chars().map(|letter| Ok(letter.to_string())).collect();
    ///             Chunks::new(stream::iter(letters))
    ///         })
    ///     }
    /// }
    /// ```
    pub fn observed<In, R, F>(step: &'a R, input: In, cx: &'a Context, open: F) -> Self
    where
        In: Send + 'a,
        R: Runnable<In, Chunk = T>,
        F: for<'b> FnOnce(&'b R, &In, &'b Context) -> Chunks<'b, T> + Send + 'a,
    {
        if !cx.is_observed() {
            return open(step, &input, cx);
        }
        Chunks::generate(move |out| async move {
            let run = Running::begin(step, &input, cx);
            let chunks = open(step, &input, run.context(cx));
            drop(input);
            run.forward(chunks, step.assembler(), &out).await
        })
    }
}

/// A future on the heap. It is made in a frame of its own: the one that polls it has no room for it, and so nested calls take
/// less of the stack.
#[inline(never)]
///
/// It is without its type: of a call in another one the compiler would prove what is in it once more for each level around.
pub(crate) fn boxed<'a, F: Future + Send + 'a>(make: impl FnOnce() -> F) -> BoxFuture<'a, F::Output> {
    Box::pin(make())
}

/// The call of a combinator under observation, in its run. Boxed, so that the future of a call without observers does
/// not grow, nor the types that the compiler has to look through.
macro_rules! observed_call {
    ($step:expr, $looked_at:expr, $cx:ident => $body:expr) => {
        $crate::observe::instrument::boxed(move || async move {
            let run = $crate::Running::around($step, $looked_at, $cx);
            let $cx = run.context($cx);
            run.drive($crate::observe::instrument::boxed(move || async move { $body })).await
        })
        .await
    };
}
pub(crate) use observed_call;

/// The call of a wrapper that changes what its step, of type `$Step`, gives: one run stands for both, with the output of the
/// wrapper.
macro_rules! instead_of {
    ($Step:ty, $step:expr, $looked_at:expr, $cx:ident => $body:expr) => {
        Box::pin(async move {
            let node = const { &<$Step as $crate::Step>::NODE };
            let run = $crate::Running::instead_of(node, $step, $looked_at, $cx);
            let inside = run.context($cx).in_open_run().unwrap_or_default();
            let $cx = &inside;
            run.drive(async move { $body }).await
        })
        .await
    };
}
pub(crate) use instead_of;

/// The chunks of a step under observation, with its run around them; else just the chunks.
macro_rules! observed_stream {
    ($step:expr, $In:ty, $input:ident, $cx:ident => $chunks:expr) => {{
        if $cx.is_observed() {
            return $crate::Chunks::generate(move |out| async move {
                let run = $crate::Running::around($step, &$input, $cx);
                let $cx = run.context($cx);
                let chunks = $chunks;
                run.forward(chunks, $crate::Runnable::<$In>::assembler($step), &out).await
            });
        }
        $chunks
    }};
}
pub(crate) use observed_stream;

/// Chunks that are made in a context of their own, if there is one.
macro_rules! within {
    ($child:expr, $cx:ident => $chunks:expr) => {
        match $child {
            None => $chunks,
            Some(child) => $crate::Chunks::generate(move |out| async move {
                let $cx = &child;
                out.forward($chunks).await
            }),
        }
    };
}
pub(crate) use within;

/// The chunks of a step that takes pieces, under observation with its run around it; else just the chunks. The run begins
/// with the first piece, not before the step that gives it.
macro_rules! observed_transform {
    ($step:expr, $In:ty, $chunks:ident, $cx:ident => $made:expr) => {{
        if $cx.is_observed() {
            return $crate::Chunks::generate(move |out| async move {
                let $chunks = $chunks.begun().await;
                let run = $crate::Running::around_stream::<$In, _>($step, $cx);
                let $cx = run.context($cx);
                let made = $made;
                run.forward(made, $crate::Runnable::<$In>::assembler($step), &out).await
            });
        }
        $made
    }};
}
pub(crate) use observed_transform;
