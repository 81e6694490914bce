//! The steps of a call, polled in place: the call keeps that of the step that it waits for, and nothing for steps that never wait.

use crate::{
    Context, Error, Result, Runnable, Step,
    combinators::sequence::Sequence,
    error::path::Locate,
    step::call::{Begin, Call, Started, beginning, ended},
    util::labels::Labels,
};
use std::{
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

/// The error of a step, from where the step stands.
#[cold]
fn failed<C, O, S: Locate>(error: Error, sequence: &S, at: usize) -> Started<C, O> {
    Started::Ready(Err(sequence.located(error, at)))
}

macro_rules! impl_call {
    ($module:ident; $A:ident $OA:ident $FA:ident
        $(, $Step:ident $Out:ident $Call:ident $at:tt $from:tt $In:ident)*; $Last:ident) => {
        pub(super) mod $module {
            use super::*;

            pin_project_lite::pin_project! {
                /// The step that is waited for.
                #[project = At]
                enum Waits<'a, $OA, $FA $(, $Step, $Out, $Call)*>
                where
                    $($Step: 'a, $Call: Begin<'a, $Step, $In, $Out>,)*
                {
                    $A { #[pin] call: $FA },
                    $($Step { #[pin] call: <$Call as Begin<'a, $Step, $In, $Out>>::Call },)*
                }
            }

            pin_project_lite::pin_project! {
                struct SequenceCall<'a, $OA, $FA $(, $Step, $Out, $Call)*>
                where
                    $($Step: 'a, $Call: Begin<'a, $Step, $In, $Out>,)*
                {
                    calls: ($($Call,)*),
                    #[pin]
                    waits: Waits<'a, $OA, $FA $(, $Step, $Out, $Call)*>,
                }
            }

            /// Returns the call of a sequence whose first step is started.
            #[inline]
            pub(in crate::combinators::sequence) fn start<'a, X, $OA, $FA, $A $(, $Out, $Step)*, const AT: usize>(
                sequence: &'a Sequence<($A, $($Step,)*), X, AT>,
                first: Started<$FA, $OA>,
                cx: &'a Context,
            ) -> Started<impl Call<'a, Sequence<($A, $($Step,)*), X, AT>, $Last>, $Last>
            where
                X: Labels,
                $A: Step + 'a,
                $OA: Send + 'static,
                $FA: Call<'a, $A, $OA>,
                $($Step: Runnable<$In, Output = $Out> + 'a, $Out: Send + 'static,)*
            {
                let calls = ($(beginning::<$Step, $In>(),)*);
                match go_on(sequence, &calls, first, cx) {
                    Started::Ready(outcome) => Started::Ready(outcome),
                    Started::Waiting(waits) => Started::Waiting(SequenceCall { calls, waits }),
                }
            }

            /// Starts the steps after the first, up to one that has to be waited for.
            #[inline]
            #[allow(clippy::type_complexity)]
            fn go_on<'a, X, $OA, $FA, $A $(, $Out, $Call, $Step)*, const AT: usize>(
                sequence: &'a Sequence<($A, $($Step,)*), X, AT>,
                calls: &($($Call,)*),
                first: Started<$FA, $OA>,
                cx: &'a Context,
            ) -> Started<Waits<'a, $OA, $FA $(, $Step, $Out, $Call)*>, $Last>
            where
                X: Labels,
                $A: Step,
                $($Step: Step + 'a, $Call: Begin<'a, $Step, $In, $Out>,)*
            {
                let value = match first {
                    Started::Ready(Ok(output)) => output,
                    Started::Ready(Err(error)) => return failed(error, sequence, 0),
                    Started::Waiting(call) => return Started::Waiting(Waits::$A { call }),
                };
                $(
                    let value = match calls.$from.begin(&sequence.steps.$at, value, cx) {
                        Started::Ready(Ok(output)) => output,
                        Started::Ready(Err(error)) => return failed(error, sequence, $at),
                        Started::Waiting(call) => return Started::Waiting(Waits::$Step { call }),
                    };
                )*
                Started::Ready(Ok(value))
            }

            impl<'a, X, $OA, $FA, $A $(, $Out, $Call, $Step)*, const AT: usize>
                Call<'a, Sequence<($A, $($Step,)*), X, AT>, $Last> for SequenceCall<'a, $OA, $FA $(, $Step, $Out, $Call)*>
            where
                X: Labels,
                $A: Step + 'a,
                $FA: Call<'a, $A, $OA>,
                $($Step: Step + 'a, $Call: Begin<'a, $Step, $In, $Out, Call: Call<'a, $Step, $Out>> + Send,)*
            {
                const NEVER: bool = $FA::NEVER $(&& <$Call as Begin<'a, $Step, $In, $Out>>::Call::NEVER)*;

                #[inline]
                fn poll(
                    self: Pin<&mut Self>,
                    sequence: &'a Sequence<($A, $($Step,)*), X, AT>,
                    cx: &'a Context,
                    task: &mut Task<'_>,
                ) -> Poll<Result<$Last>> {
                    let mut this = self.project();
                    let steps = &sequence.steps;
                    let mut waits = match this.waits.as_mut().project() {
                        At::$A { .. } => 0,
                        $(At::$Step { .. } => $at,)*
                    };
                    let value = if waits == 0 {
                        let At::$A { call } = this.waits.as_mut().project() else { ended() };
                        match ready!(call.poll(&steps.0, cx, task)) {
                            Ok(output) => Some(output),
                            Err(error) => return Poll::Ready(Err(sequence.located(error, 0))),
                        }
                    } else {
                        None
                    };
                    $(
                        let value = match value.map(|input| this.calls.$from.begin(&steps.$at, input, cx)) {
                            None => None,
                            Some(Started::Ready(Ok(output))) => Some(output),
                            Some(Started::Ready(Err(error))) => {
                                return Poll::Ready(Err(sequence.located(error, $at)));
                            }
                            Some(Started::Waiting(call)) => {
                                this.waits.set(Waits::$Step { call });
                                waits = $at;
                                None
                            }
                        };
                        let value = if waits == $at {
                            let At::$Step { call } = this.waits.as_mut().project() else { ended() };
                            match ready!(call.poll(&steps.$at, cx, task)) {
                                Ok(output) => Some(output),
                                Err(error) => return Poll::Ready(Err(sequence.located(error, $at))),
                            }
                        } else {
                            value
                        };
                    )*
                    match value {
                        Some(output) => Poll::Ready(Ok(output)),
                        None => ended(),
                    }
                }
            }
        }
    };
}

impl_call!(two; A OA FA, B OB CB 1 0 OA; OB);
impl_call!(three; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB; OC);
impl_call!(four; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB, D OD CD 3 2 OC; OD);
impl_call!(five; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB, D OD CD 3 2 OC, E OE CE 4 3 OD; OE);
impl_call!(six; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB, D OD CD 3 2 OC, E OE CE 4 3 OD, F OF CF 5 4 OE; OF);
impl_call!(seven; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB, D OD CD 3 2 OC, E OE CE 4 3 OD, F OF CF 5 4 OE, G OG CG 6 5 OF; OG);
impl_call!(eight; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB, D OD CD 3 2 OC, E OE CE 4 3 OD, F OF CF 5 4 OE, G OG CG 6 5 OF, H OH CH 7 6 OG; OH);
impl_call!(nine; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB, D OD CD 3 2 OC, E OE CE 4 3 OD, F OF CF 5 4 OE, G OG CG 6 5 OF, H OH CH 7 6 OG, J OJ CJ 8 7 OH; OJ);
impl_call!(ten; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB, D OD CD 3 2 OC, E OE CE 4 3 OD, F OF CF 5 4 OE, G OG CG 6 5 OF, H OH CH 7 6 OG, J OJ CJ 8 7 OH, K OK CK 9 8 OJ; OK);
impl_call!(eleven; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB, D OD CD 3 2 OC, E OE CE 4 3 OD, F OF CF 5 4 OE, G OG CG 6 5 OF, H OH CH 7 6 OG, J OJ CJ 8 7 OH, K OK CK 9 8 OJ, L OL CL 10 9 OK; OL);
impl_call!(twelve; A OA FA, B OB CB 1 0 OA, C OC CC 2 1 OB, D OD CD 3 2 OC, E OE CE 4 3 OD, F OF CF 5 4 OE, G OG CG 6 5 OF, H OH CH 7 6 OG, J OJ CJ 8 7 OH, K OK CK 9 8 OJ, L OL CL 10 9 OK, M OM CM 11 10 OL; OM);
