//! The chosen arm of a call, polled in place.

use crate::{Context, Result, combinators::branch::Branch, step::call::Call};
use std::{
    pin::Pin,
    task::{Context as Task, Poll},
};

macro_rules! impl_call {
    ($module:ident; $($Arm:ident $Fut:ident $at:tt),*) => {
        pub(super) mod $module {
            use super::*;

            pin_project_lite::pin_project! {
                /// The arm that is waited for.
                #[project = At]
                pub(in crate::combinators::branch) enum ArmCall<$($Fut),*> {
                    $($Arm { #[pin] call: $Fut },)*
                }
            }

            impl<'a, Choose, $($Fut, $Arm: 'a,)* O, X, const AT: usize, const SIZE: usize>
                Call<'a, Branch<Choose, ($($Arm,)*), X, AT, SIZE>, O> for ArmCall<$($Fut),*>
            where
                $($Fut: Call<'a, $Arm, O>,)*
            {
                const NEVER: bool = true $(&& $Fut::NEVER)*;

                #[inline]
                fn poll(
                    self: Pin<&mut Self>,
                    branch: &'a Branch<Choose, ($($Arm,)*), X, AT, SIZE>,
                    cx: &'a Context,
                    task: &mut Task<'_>,
                ) -> Poll<Result<O>> {
                    match self.project() {
                        $(At::$Arm { call } => call.poll(&branch.arms.$at, cx, task),)*
                    }
                }
            }
        }
    };
}

impl_call!(one; A FA 0);
impl_call!(two; A FA 0, B FB 1);
impl_call!(three; A FA 0, B FB 1, C FC 2);
impl_call!(four; A FA 0, B FB 1, C FC 2, D FD 3);
impl_call!(five; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4);
impl_call!(six; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5);
impl_call!(seven; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6);
impl_call!(eight; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7);
impl_call!(nine; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7, I FI 8);
impl_call!(ten; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7, I FI 8, J FJ 9);
impl_call!(eleven; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7, I FI 8, J FJ 9, K FK 10);
impl_call!(twelve; A FA 0, B FB 1, C FC 2, D FD 3, E FE 4, F FF 5, G FG 6, H FH 7, I FI 8, J FJ 9, K FK 10, L FL 11);
