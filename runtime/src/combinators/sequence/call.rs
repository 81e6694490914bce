//! The future of a call, written out: where an `async fn` would write down at each step how far it is, and what would have to be
//! dropped, this one keeps the future of the step that it waits for, and nothing for steps that never wait.

use crate::{
    Context, Error, Result, Runnable, Step,
    combinators::sequence::Sequence,
    error::path::Locate,
    step::{
        call::{Begin, Inside, beginning},
        call_map::ended,
    },
    util::labels::Labels,
};
use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

/// The error of a step, from where the step stands.
#[cold]
fn failed<O, S: Locate>(error: Error, sequence: &S, at: usize) -> Poll<Result<O>> {
    Poll::Ready(Err(sequence.located(error, at)))
}

macro_rules! impl_call {
    ($module:ident; $A:ident $OA:ident $FA:ident
        $(, $Step:ident $Out:ident $Fut:ident $Call:ident $at:tt $from:tt $In:ident)*; $Last:ident) => {
        pub(super) mod $module {
            use super::*;

            pin_project_lite::pin_project! {
                #[project = At]
                #[project_replace = Was]
                enum State<Input, $FA $(, $Fut)*> {
                    Start { input: Input },
                    Ended,
                    $A { #[pin] call: $FA },
                    $($Step { #[pin] call: $Fut },)*
                }
            }

            pin_project_lite::pin_project! {
                struct Call<Input, First, $OA, $FA $(, $Out, $Fut, $Call)*> {
                    // What the first step gives, where it never waits.
                    begin: First,
                    calls: ($($Call,)*),
                    #[pin]
                    state: State<Input, $FA $(, $Fut)*>,
                    outputs: PhantomData<fn() -> ($OA, $($Out,)*)>,
                }
            }

            /// `first` is the call of the first step, or the input, where it never waits: then `begin` gives its outcome.
            #[inline]
            pub(in crate::combinators::sequence) fn call<'a, Input, First, X, $OA, $FA, $A $(, $Out, $Step)*, const AT: usize>(
                begin: First,
                first: std::result::Result<$FA, Input>,
            ) -> impl Inside<'a, Sequence<($A, $($Step,)*), X, AT>, $Last> + Send
            where
                Input: Send,
                X: Labels,
                $A: Step + 'a,
                $OA: Send + 'static,
                $FA: Inside<'a, $A, $OA> + Send,
                First: Fn(&'a $A, Input, &'a Context) -> Result<$OA> + Send,
                $($Step: Runnable<$In, Output = $Out> + 'a, $Out: Send + 'static,)*
            {
                let calls = ($(beginning::<$Step, $In>(),)*);
                let state = match first {
                    Ok(call) => State::$A { call },
                    Err(input) => State::Start { input },
                };
                Call {
                    begin,
                    calls,
                    state,
                    outputs: PhantomData::<fn() -> ($OA, $($Out,)*)>,
                }
            }

            impl<'a, X, Input, First, $OA, $FA, $A $(, $Out, $Fut, $Call, $Step)*, const AT: usize>
                Inside<'a, Sequence<($A, $($Step,)*), X, AT>, $Last> for Call<Input, First, $OA, $FA $(, $Out, $Fut, $Call)*>
            where
                X: Labels,
                $A: Step + 'a,
                $FA: Inside<'a, $A, $OA>,
                First: Fn(&'a $A, Input, &'a Context) -> Result<$OA>,
                $(
                    $Step: Runnable<$In, Output = $Out> + 'a,
                    $In: Send,
                    $Fut: Inside<'a, $Step, $Out>,
                    $Call: Begin<'a, $Step, $In, Call = $Fut>,
                )*
            {
                #[inline]
                fn poll_inside(
                    self: Pin<&mut Self>,
                    sequence: &'a Sequence<($A, $($Step,)*), X, AT>,
                    cx: &'a Context,
                    task: &mut Task<'_>,
                ) -> Poll<Result<$Last>> {
                    let this = self.project();
                    let (steps, mut state) = (&sequence.steps, this.state);
                    // The step that is waited for, counted from one; zero at the start.
                    #[allow(unused_mut)]
                    let mut waits = match state.as_mut().project() {
                        At::Start { .. } => 0,
                        At::$A { .. } => 1,
                        $(At::$Step { .. } => $at + 1,)*
                        At::Ended => ended(),
                    };
                    // What comes to the next step.
                    let value = if waits == 0 {
                        let Was::Start { input } = state.as_mut().project_replace(State::Ended) else { ended() };
                        Some(input)
                    } else {
                        None
                    };
                    let value = match value {
                        None => None,
                        Some(input) => match (this.begin)(&steps.0, input, cx) {
                            Ok(output) => Some(output),
                            Err(error) => return failed(error, sequence, 0),
                        },
                    };
                    let value = if waits == 1 {
                        let At::$A { call } = state.as_mut().project() else { ended() };
                        match ready!(call.poll_inside(&steps.0, cx, task)) {
                            Ok(output) => Some(output),
                            Err(error) => return failed(error, sequence, 0),
                        }
                    } else {
                        value
                    };
                    $(
                        let value = match value {
                            None => None,
                            Some(input) if $Step::IMMEDIATE => match steps.$at.immediate(input, cx) {
                                Ok(output) => Some(output),
                                Err(error) => return failed(error, sequence, $at),
                            },
                            Some(input) => {
                                state.set(State::$Step { call: this.calls.$from.begin(&steps.$at, input, cx) });
                                waits = $at + 1;
                                None
                            }
                        };
                        let value = if !$Step::IMMEDIATE && waits == $at + 1 {
                            let At::$Step { call } = state.as_mut().project() else { ended() };
                            match ready!(call.poll_inside(&steps.$at, cx, task)) {
                                Ok(output) => Some(output),
                                Err(error) => return failed(error, sequence, $at),
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

impl_call!(two; A OA FA, B OB FB CB 1 0 OA; OB);
impl_call!(three; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB; OC);
impl_call!(four; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB, D OD FD CD 3 2 OC; OD);
impl_call!(five; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB, D OD FD CD 3 2 OC, E OE FE CE 4 3 OD; OE);
impl_call!(six; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB, D OD FD CD 3 2 OC, E OE FE CE 4 3 OD, F OF FF CF 5 4 OE; OF);
impl_call!(seven; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB, D OD FD CD 3 2 OC, E OE FE CE 4 3 OD, F OF FF CF 5 4 OE, G OG FG CG 6 5 OF; OG);
impl_call!(eight; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB, D OD FD CD 3 2 OC, E OE FE CE 4 3 OD, F OF FF CF 5 4 OE, G OG FG CG 6 5 OF, H OH FH CH 7 6 OG; OH);
impl_call!(nine; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB, D OD FD CD 3 2 OC, E OE FE CE 4 3 OD, F OF FF CF 5 4 OE, G OG FG CG 6 5 OF, H OH FH CH 7 6 OG, J OJ FJ CJ 8 7 OH; OJ);
impl_call!(ten; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB, D OD FD CD 3 2 OC, E OE FE CE 4 3 OD, F OF FF CF 5 4 OE, G OG FG CG 6 5 OF, H OH FH CH 7 6 OG, J OJ FJ CJ 8 7 OH, K OK FK CK 9 8 OJ; OK);
impl_call!(eleven; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB, D OD FD CD 3 2 OC, E OE FE CE 4 3 OD, F OF FF CF 5 4 OE, G OG FG CG 6 5 OF, H OH FH CH 7 6 OG, J OJ FJ CJ 8 7 OH, K OK FK CK 9 8 OJ, L OL FL CL 10 9 OK; OL);
impl_call!(twelve; A OA FA, B OB FB CB 1 0 OA, C OC FC CC 2 1 OB, D OD FD CD 3 2 OC, E OE FE CE 4 3 OD, F OF FF CF 5 4 OE, G OG FG CG 6 5 OF, H OH FH CH 7 6 OG, J OJ FJ CJ 8 7 OH, K OK FK CK 9 8 OJ, L OL FL CL 10 9 OK, M OM FM CM 11 10 OL; OM);
