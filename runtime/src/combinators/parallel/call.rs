//! The future of a call: the branches are polled in place, one after the other in the caller's task, and those that never wait
//! are only called.

use crate::{
    Context, Result, Runnable,
    combinators::parallel::{Parallel, Shape},
    step::{call::Inside, call_map::ended, shared_input::ShareInput},
};
use std::{
    borrow::Borrow,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

pin_project_lite::pin_project! {
    /// A branch on its way.
    #[project = At]
    enum Branch<F, O> {
        Waits { #[pin] call: F },
        // `None`, too, before the call of a branch that never waits.
        Done { output: Option<O> },
    }
}

impl<F, O> Branch<F, O> {
    #[inline]
    fn new(immediate: bool, call: impl FnOnce() -> F) -> Self {
        if immediate { Branch::Done { output: None } } else { Branch::Waits { call: call() } }
    }

    /// Whether it is done. A branch that never waits gives its outcome by `immediate`.
    #[inline]
    fn poll<'a, S>(
        mut self: Pin<&mut Self>,
        immediate: Option<impl FnOnce() -> Result<O>>,
        step: &'a S,
        cx: &'a Context,
        task: &mut Task<'_>,
    ) -> Result<bool>
    where
        F: Inside<'a, S, O>,
    {
        let output = match (self.as_mut().project(), immediate) {
            (At::Done { output }, Some(immediate)) if output.is_none() => immediate()?,
            (At::Done { .. }, _) => return Ok(true),
            (At::Waits { call }, _) => match call.poll_inside(step, cx, task) {
                Poll::Ready(outcome) => outcome?,
                Poll::Pending => return Ok(false),
            },
        };
        self.set(Branch::Done { output: Some(output) });
        Ok(true)
    }

    #[inline]
    fn output(self: Pin<&mut Self>) -> O {
        match self.project() {
            At::Done { output } => output.take().unwrap_or_else(|| ended()),
            At::Waits { .. } => ended(),
        }
    }
}

macro_rules! impl_join {
    ($module:ident; $($B:ident $Fut:ident $at:tt),*) => {
        #[allow(non_snake_case)]
        pub(super) mod $module {
            use super::*;

            pin_project_lite::pin_project! {
                struct Join<Input, In, $($B),*> {
                    input: Input,
                    $(#[pin] $B: $B,)*
                    lent: PhantomData<fn(In)>,
                }
            }

            /// All branches on an input that is lent to them.
            #[inline]
            pub(in crate::combinators::parallel) fn join<'a, In, M, $($B),*>(
                parallel: &'a Parallel<($($B,)*), M>,
                input: &'a In,
                cx: &'a Context,
            ) -> impl Inside<'a, Parallel<($($B,)*), M>, M::Record> + Send
            where
                In: ShareInput + Send,
                M: Shape<($($B::Output,)*)> + 'static,
                $($B: Runnable<In>,)*
            {
                Join {
                    input,
                    $($B: Branch::new($B::IMMEDIATE, || parallel.branches.$at.call_ref_inside(input, cx)),)*
                    lent: PhantomData,
                }
            }

            /// The same with an input of its own, for branches that borrow none.
            #[inline]
            pub(in crate::combinators::parallel) fn join_owned<'a, In, M, $($B),*>(
                parallel: &'a Parallel<($($B,)*), M>,
                input: In,
                cx: &'a Context,
            ) -> impl Inside<'a, Parallel<($($B,)*), M>, M::Record> + Send
            where
                In: ShareInput + Send,
                M: Shape<($($B::Output,)*)> + 'static,
                $($B: Runnable<In>,)*
            {
                Join {
                    $($B: Branch::new($B::IMMEDIATE, || parallel.branches.$at.call_inside(input.clone(), cx)),)*
                    input,
                    lent: PhantomData,
                }
            }

            impl<'a, Input, In, M, $($Fut, $B),*> Inside<'a, Parallel<($($B,)*), M>, M::Record>
                for Join<Input, In, $(Branch<$Fut, $B::Output>),*>
            where
                Input: Borrow<In>,
                In: ShareInput + Send,
                M: Shape<($($B::Output,)*)>,
                $(
                    $B: Runnable<In>,
                    $Fut: Inside<'a, $B, $B::Output>,
                )*
            {
                #[inline]
                fn poll_inside(
                    self: Pin<&mut Self>,
                    parallel: &'a Parallel<($($B,)*), M>,
                    cx: &'a Context,
                    task: &mut Task<'_>,
                ) -> Poll<Result<M::Record>> {
                    let mut this = self.project();
                    let (branches, input) = (&parallel.branches, (*this.input).borrow());
                    let mut done = true;
                    $(
                        let immediate = if $B::IMMEDIATE { Some(|| branches.$at.immediate_ref(input, cx)) } else { None };
                        match this.$B.as_mut().poll(immediate, &branches.$at, cx, task) {
                            Ok(its) => done &= its,
                            Err(error) => return Poll::Ready(Err(error)),
                        }
                    )*
                    if !done {
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(M::record(($(this.$B.output(),)*))))
                }
            }
        }
    };
}

impl_join!(one; A FA 0);
impl_join!(two; A FA 0, B FB 1);
impl_join!(three; A FA 0, B FB 1, C FC 2);
impl_join!(four; A FA 0, B FB 1, C FC 2, D FD 3);
impl_join!(five; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4);
impl_join!(six; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5);
impl_join!(seven; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6);
impl_join!(eight; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7);
impl_join!(nine; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7, I FI 8);
impl_join!(ten; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7, I FI 8, J FJ 9);
impl_join!(eleven; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7, I FI 8, J FJ 9, K FK 10);
impl_join!(twelve; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7, I FI 8, J FJ 9, K FK 10, L FL 11);
