//! Another step takes over when the first one fails.

use crate::{
    Assemble, C, Chunks, Component, ComponentKind, Context, Error, Field, Node, Record, Result, Runnable, Step,
    combinators::tap::whole_as_chunks,
    observe::instrument::{observed_call, observed_stream, within},
    record::{At, take_part},
    step::{
        call::{Call, Started, future_of_ref},
        locate::locate,
        recover::{kept, recover},
        runnable::{Delegate, lent, like},
        shared_input::ShareInput,
    },
};
use futures_util::{StreamExt, stream};
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll},
};
use tracing::{Level, level_filters::LevelFilter};

/// A step with a replacement; made by [`fallback`](crate::StepExt::fallback). That it is needed is a `tracing` event of
/// level `debug`. They nest: the third is the fallback of
/// the second.
///
/// Where all fail, the error is that of the first, with the others [attached](Error::others). The input is lent to the
/// first, so that a step that only reads costs no copy for the case that never happens.
///
/// # Streaming
/// Switches only before the first chunk; a stream that ends without one is a success. Waits for its whole input.
#[derive(Clone, Copy, Debug)]
pub struct Fallback<S, B> {
    step: S,
    backup: B,
}

/// A step with a replacement that gets the error, too; made by
/// [`fallback_with_error`](crate::StepExt::fallback_with_error).
#[derive(Clone, Copy, Debug)]
pub struct FallbackWithError<S, B> {
    step: S,
    backup: B,
}

/// What a fallback gets that wants to know: the input and the error. A [`Record`], so that a function can take both
/// by name: `fn excuse(error: Error, input: String)`.
#[derive(Clone, Debug)]
pub struct Failed<In> {
    /// The input of the step that failed.
    pub input: In,
    /// Its error.
    pub error: Error,
}

#[diagnostic::do_not_recommend]
impl<In> Record for Failed<In> {
    type Parts = (Option<In>, Option<Error>);
    fn into_parts(self) -> Self::Parts {
        (Some(self.input), Some(self.error))
    }
}

impl<In> Field<(C<'i'>, C<'n'>, C<'p'>, C<'u'>, C<'t'>)> for Failed<In> {
    type Type = In;
    type At = At<0>;
    fn get(&self) -> &In {
        &self.input
    }
    fn take(parts: &mut Self::Parts) -> In {
        take_part(&mut parts.0)
    }
}

impl<In> Field<(C<'e'>, C<'r'>, C<'r'>, C<'o'>, C<'r'>)> for Failed<In> {
    type Type = Error;
    type At = At<1>;
    fn get(&self) -> &Error {
        &self.error
    }
    fn take(parts: &mut Self::Parts) -> Error {
        take_part(&mut parts.1)
    }
}

impl<S, B> Fallback<S, B> {
    pub(crate) const fn new(step: S, backup: B) -> Self {
        Fallback { step, backup }
    }
}

impl<S, B> FallbackWithError<S, B> {
    pub(crate) const fn new(step: S, backup: B) -> Self {
        FallbackWithError { step, backup }
    }
}

/// A step that can run in place of one that gives `Out`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in for a step that takes `{In}` and gives `{Out}`",
    label = "`{Self}` does not take `{In}` and give `{Out}`",
    note = "a fallback and a race give what their first step gives: adapt the other one, `chain!({In} => other | |x| ..)`"
)]
pub trait StandIn<In: Send, Out>: Runnable<In, Output = Out> {}

#[diagnostic::do_not_recommend]
impl<In: Send, Out, R: Runnable<In, Output = Out>> StandIn<In, Out> for R {}

/// The chunks of a replacement as chunks of the step it replaces: as they come where both stream alike, else its whole
/// output cut up.
pub(crate) fn chunks_like<A: Assemble, B: Assemble<Output = A::Output>>(
    like: A,
    chunks: Chunks<'_, B::Chunk>,
    assembler: B,
) -> Chunks<'_, A::Chunk> {
    let chunks = match chunks.alike::<B, A>() {
        Ok(alike) => return alike,
        Err(chunks) => chunks,
    };
    Chunks::open(async move { Ok(whole_as_chunks(like, chunks.assemble(assembler).await?)) })
}

/// The error for which a replacement takes over; in a run that is cancelled, none does.
#[inline]
fn recoverable(error: Error, cx: &Context) -> Result<Error> {
    let error = cx.recoverable(error)?;
    if Level::DEBUG <= LevelFilter::current() {
        report(&error);
    }
    Ok(error)
}

/// What recovers is nowhere else to be seen.
#[cold]
fn report(error: &Error) {
    tracing::debug!(%error, "falling back");
}

pin_project_lite::pin_project! {
    /// The call of a replacement.
    struct Backup<C> {
        #[pin]
        call: C,
        // That of the step which it replaces.
        error: Option<Error>,
    }
}

macro_rules! impl_fallback {
    ($Fallback:ident, $BackupIn:ty, ($input:ident, $error:ident) => $for_backup:expr, $call:ident $start:ident ($by:expr), $owned:expr, |$cx:ident| $child:expr) => {
        impl<S: Step, B: Step> $Fallback<S, B> {
            /// The first error, with that of the replacement.
            fn all_failed(&self, error: Error, other: Error) -> Error {
                error.with_others([locate(other, &self.backup, "")])
            }
        }

        impl<S: Step, B: Step> $Fallback<S, B> {
            /// The call of the replacement.
            fn instead<'a, C, O>(
                &'a self,
                started: Started<C, O>,
                error: Error,
            ) -> Started<impl Call<'a, Self, O> + use<'a, S, B, C, O>, O>
            where
                C: Call<'a, B, O>,
            {
                match started {
                    Started::Ready(outcome) => Started::Ready(outcome.map_err(|other| self.all_failed(error, other))),
                    Started::Waiting(call) => Started::Waiting(Backup { call, error: Some(error) }),
                }
            }
        }

        impl<'a, S: Step, B: Step + 'a, O, C: Call<'a, B, O>> Call<'a, $Fallback<S, B>, O> for Backup<C> {
            const NEVER: bool = C::NEVER;

            fn poll(
                self: Pin<&mut Self>,
                both: &'a $Fallback<S, B>,
                cx: &'a Context,
                task: &mut Task<'_>,
            ) -> Poll<Result<O>> {
                let this = self.project();
                match (this.call.poll(&both.backup, cx, task), this.error.take()) {
                    (Poll::Ready(Err(other)), Some(error)) => Poll::Ready(Err(both.all_failed(error, other))),
                    (Poll::Pending, error) => {
                        *this.error = error;
                        Poll::Pending
                    }
                    (outcome, _) => outcome,
                }
            }
        }

        impl<S: Step, B: Step> Step for $Fallback<S, B> {
            const NODE: Node = Node::Fallback(&[S::NODE, B::NODE]);

            fn keys(&self, keys: &mut crate::Keys) {
                self.step.keys(keys);
                self.backup.keys(keys);
            }

            fn name(&self) -> Option<&str> {
                self.step.name()
            }
        }

        impl<S, B> Delegate for $Fallback<S, B> {
            type To = S;
            fn inner(&self) -> &S {
                &self.step
            }
        }

        impl<In: ShareInput + Send, S: Runnable<In>, B: StandIn<$BackupIn, S::Output>> Runnable<In> for $Fallback<S, B> {
            like!(In, S);

            lent!(In, call);

            #[inline]
            fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
                recover(self, kept(&self.step, input, cx), cx, |this: &'a Self, (error, $input): (Error, In), cx| {
                    match recoverable(error, cx) {
                        Ok($error) => this.instead(this.backup.start($owned, cx), $error),
                        Err(error) => Started::Ready(Err(error)),
                    }
                })
            }

            fn component(&self) -> Component {
                let both = vec![self.step.component(), Runnable::<$BackupIn>::component(&self.backup)];
                Component::made_of(ComponentKind::Fallback, both).giving::<S::Output>()
            }

            async fn call_ref<'a>(&'a self, $input: &'a In, cx: &'a Context) -> Result<Self::Output> {
                if !cx.is_observed() {
                    return future_of_ref(self, $input, cx).await;
                }
                observed_call!(self, $input, cx => {
                    match self.step.call_ref($input, cx).await {
                        Ok(output) => Ok(output),
                        Err(error) => {
                            let $error = recoverable(error, cx)?;
                            let $cx = cx;
                            let child = $child;
                            let cx = child.as_ref().unwrap_or(cx);
                            self.backup.$call($by, cx).await.map_err(|other| self.all_failed($error, other))
                        }
                    }
                })
            }

            #[inline]
            fn start_ref<'a>(
                &'a self,
                $input: &'a In,
                cx: &'a Context,
            ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
                recover(self, self.step.start_ref($input, cx), cx, move |this: &'a Self, error, cx| {
                    match recoverable(error, cx) {
                        Ok($error) => this.instead(this.backup.$start($by, cx), $error),
                        Err(error) => Started::Ready(Err(error)),
                    }
                })
            }

            fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
            where
                In: 'a,
            {
                observed_stream!(self, In, input, cx => Chunks::open(async move {
                    let mut chunks = self.step.call_stream(input.clone(), cx);
                    match chunks.next().await {
                        None => Ok(Chunks::new(stream::empty())),
                        Some(Ok(first)) => Ok(chunks.after(first)),
                        Some(Err($error)) => {
                            drop(chunks);
                            let $error = recoverable($error, cx)?;
                            let $input = &input;
                            let ($cx, for_backup) = (cx, $for_backup);
                            let backup = within!($child, cx => self.backup.call_stream(for_backup, cx));
                            let chunks = chunks_like(self.assembler(), backup, self.backup.assembler());
                            // Whenever the replacement fails, all have failed.
                            let failed = move |other| self.all_failed($error.clone(), other);
                            Ok(Chunks::new(chunks.map(move |chunk| chunk.map_err(&failed))))
                        }
                    }
                }))
            }
        }
    };
}

impl_fallback!(Fallback, In, (input, error) => input.clone(), call_ref start_ref (input), input, |cx| cx.instead());
// What the backup gets is not what the whole got.
impl_fallback!(FallbackWithError, Failed<In>, (input, error) => Failed { input: input.clone(), error: error.clone() },
    call start (Failed { input: input.clone(), error: error.clone() }),
    Failed { input, error: error.clone() }, |cx| cx.instead_with_error());
