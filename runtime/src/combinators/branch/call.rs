//! The future of a call: that of the arm, once it is chosen.

use crate::{
    Context, Result, Runnable,
    combinators::branch::{Branch, Select},
    step::{call::Inside, call_map::ended},
    util::one_of::{OneOf1, OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, OneOf9, OneOf10, OneOf11, OneOf12},
};
use std::{
    pin::Pin,
    task::{Context as Task, Poll},
};

macro_rules! impl_call {
    ($module:ident $OneOf:ident; $($Arm:ident $In:ident $Fut:ident $Call:ident $at:tt),*) => {
        pub(super) mod $module {
            use super::*;

            pin_project_lite::pin_project! {
                #[project = At]
                #[project_replace = Was]
                enum State<Input, $($Fut),*> {
                    Start { input: Input },
                    Ended,
                    $($Arm { #[pin] call: $Fut },)*
                }
            }

            pin_project_lite::pin_project! {
                struct Call<Input, $($Fut, $Call),*> {
                    calls: ($($Call,)*),
                    #[pin]
                    state: State<Input, $($Fut),*>,
                }
            }

            /// Chooses when it is polled.
            #[inline]
            pub(in crate::combinators::branch) fn call<'a, Input, Choose, $($In, $Arm,)* O, X, const AT: usize, const SIZE: usize>(
                input: Input,
            ) -> impl Inside<'a, Branch<Choose, ($($Arm,)*), X, AT, SIZE>, O> + Send
            where
                Input: Send,
                Choose: Select<Input, Chosen = $OneOf<$($In),*>>,
                $($In: Send, $Arm: Runnable<$In, Output = O> + 'a,)*
                O: Send + 'static,
            {
                Call {
                    // Functions: the type of a closure would name its output, and so the types of nested calls twice.
                    calls: ($(<$Arm as Runnable<$In>>::call_inside,)*),
                    state: State::Start { input },
                }
            }

            impl<'a, Input, Choose, $($In, $Fut, $Call, $Arm,)* O, X, const AT: usize, const SIZE: usize>
                Inside<'a, Branch<Choose, ($($Arm,)*), X, AT, SIZE>, O> for Call<Input, $($Fut, $Call),*>
            where
                Choose: Select<Input, Chosen = $OneOf<$($In),*>>,
                $(
                    $In: Send,
                    $Arm: Runnable<$In, Output = O> + 'a,
                    $Fut: Inside<'a, $Arm, O>,
                    $Call: Fn(&'a $Arm, $In, &'a Context) -> $Fut,
                )*
                O: Send + 'static,
            {
                #[inline]
                fn poll_inside(
                    self: Pin<&mut Self>,
                    branch: &'a Branch<Choose, ($($Arm,)*), X, AT, SIZE>,
                    cx: &'a Context,
                    task: &mut Task<'_>,
                ) -> Poll<Result<O>> {
                    let this = self.project();
                    let mut state = this.state;
                    if let At::Start { .. } = state.as_mut().project() {
                        let Was::Start { input } = state.as_mut().project_replace(State::Ended) else { ended() };
                        match branch.select.select(input, cx) {
                            $($OneOf::$Arm(input) => {
                                let arm = &branch.arms.$at;
                                if $Arm::IMMEDIATE {
                                    return Poll::Ready(arm.immediate(input, cx));
                                }
                                state.set(State::$Arm { call: (this.calls.$at)(arm, input, cx) });
                            })*
                        }
                    }
                    match state.project() {
                        At::Start { .. } | At::Ended => ended(),
                        $(At::$Arm { .. } if $Arm::IMMEDIATE => ended(),
                        At::$Arm { call } => call.poll_inside(&branch.arms.$at, cx, task),)*
                    }
                }
            }
        }
    };
}

impl_call!(one OneOf1; A InA FA CA 0);
impl_call!(two OneOf2; A InA FA CA 0, B InB FB CB 1);
impl_call!(three OneOf3; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2);
impl_call!(four OneOf4; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2, D InD FD CD 3);
impl_call!(five OneOf5; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2, D InD FD CD 3, E InE FE CE 4);
impl_call!(six OneOf6; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2, D InD FD CD 3, E InE FE CE 4, F InF FF CF 5);
impl_call!(seven OneOf7; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2, D InD FD CD 3, E InE FE CE 4, F InF FF CF 5, G InG FG CG 6);
impl_call!(eight OneOf8; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2, D InD FD CD 3, E InE FE CE 4, F InF FF CF 5, G InG FG CG 6, H InH FH CH 7);
impl_call!(nine OneOf9; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2, D InD FD CD 3, E InE FE CE 4, F InF FF CF 5, G InG FG CG 6, H InH FH CH 7, I InI FI CI 8);
impl_call!(ten OneOf10; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2, D InD FD CD 3, E InE FE CE 4, F InF FF CF 5, G InG FG CG 6, H InH FH CH 7, I InI FI CI 8, J InJ FJ CJ 9);
impl_call!(eleven OneOf11; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2, D InD FD CD 3, E InE FE CE 4, F InF FF CF 5, G InG FG CG 6, H InH FH CH 7, I InI FI CI 8, J InJ FJ CJ 9, K InK FK CK 10);
impl_call!(twelve OneOf12; A InA FA CA 0, B InB FB CB 1, C InC FC CC 2, D InD FD CD 3, E InE FE CE 4, F InF FF CF 5, G InG FG CG 6, H InH FH CH 7, I InI FI CI 8, J InJ FJ CJ 9, K InK FK CK 10, L InL FL CL 11);
