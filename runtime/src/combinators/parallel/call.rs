//! The branches of a call, polled in place, one after the other in the caller's task.

use crate::{
    Context, Result, Runnable,
    combinators::parallel::{Parallel, Shape},
    step::{
        call::{Call, Started, ended},
        shared_input::ShareInput,
    },
};
use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

pin_project_lite::pin_project! {
    /// A branch on its way.
    #[project = At]
    enum Branch<F, O> {
        Waits { #[pin] call: F },
        Done { output: Option<O> },
    }
}

impl<F, O> Branch<F, O> {
    /// The branch, if it has not failed.
    #[inline]
    fn of(started: Started<F, O>) -> Result<Self> {
        match started {
            Started::Waiting(call) => Ok(Branch::Waits { call }),
            Started::Ready(outcome) => Ok(Branch::Done { output: Some(outcome?) }),
        }
    }

    #[inline]
    const fn is_done(&self) -> bool {
        matches!(self, Branch::Done { .. })
    }

    /// Whether it is done.
    #[inline]
    fn poll<'a, S>(mut self: Pin<&mut Self>, step: &'a S, cx: &'a Context, task: &mut Task<'_>) -> Result<bool>
    where
        F: Call<'a, S, O>,
    {
        let At::Waits { call } = self.as_mut().project() else { return Ok(true) };
        match call.poll(step, cx, task) {
            Poll::Pending => Ok(false),
            Poll::Ready(outcome) => {
                self.set(Branch::Done { output: Some(outcome?) });
                Ok(true)
            }
        }
    }

    #[inline]
    fn output(self: Pin<&mut Self>) -> O {
        match self.project() {
            At::Done { output } => output.take().unwrap_or_else(|| ended()),
            At::Waits { .. } => ended(),
        }
    }

    #[inline]
    fn into_output(self) -> O {
        match self {
            Branch::Done { output: Some(output) } => output,
            _ => ended(),
        }
    }
}

macro_rules! impl_join {
    ($module:ident; $($B:ident $Fut:ident $at:tt),*) => {
        #[allow(non_snake_case)]
        pub(super) mod $module {
            use super::*;

            pin_project_lite::pin_project! {
                struct Join<In, $($B),*> {
                    $(#[pin] $B: $B,)*
                    lent: PhantomData<fn(In)>,
                }
            }

            /// Starts all branches on an input that is lent to them.
            #[inline]
            pub(in crate::combinators::parallel) fn join<'a, In, M, $($B),*>(
                parallel: &'a Parallel<($($B,)*), M>,
                input: &'a In,
                cx: &'a Context,
            ) -> Started<impl Call<'a, Parallel<($($B,)*), M>, M::Record>, M::Record>
            where
                In: ShareInput + Send,
                M: Shape<($($B::Output,)*)> + 'static,
                $($B: Runnable<In>,)*
            {
                $(let $B = match Branch::of(parallel.branches.$at.start_ref(input, cx)) {
                    Ok(branch) => branch,
                    Err(error) => return Started::Ready(Err(error)),
                };)*
                if true $(&& $B.is_done())* {
                    return Started::Ready(Ok(M::record(($($B.into_output(),)*))));
                }
                Started::Waiting(Join { $($B,)* lent: PhantomData::<fn(In)> })
            }

            impl<'a, In, M, $($Fut, $B),*> Call<'a, Parallel<($($B,)*), M>, M::Record>
                for Join<In, $(Branch<$Fut, $B::Output>),*>
            where
                In: ShareInput + Send,
                M: Shape<($($B::Output,)*)>,
                $(
                    $B: Runnable<In> + 'a,
                    $Fut: Call<'a, $B, $B::Output>,
                )*
            {
                const NEVER: bool = true $(&& $Fut::NEVER)*;

                #[inline]
                fn poll(
                    self: Pin<&mut Self>,
                    parallel: &'a Parallel<($($B,)*), M>,
                    cx: &'a Context,
                    task: &mut Task<'_>,
                ) -> Poll<Result<M::Record>> {
                    let mut this = self.project();
                    let mut done = true;
                    $(
                        match this.$B.as_mut().poll(&parallel.branches.$at, cx, task) {
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
