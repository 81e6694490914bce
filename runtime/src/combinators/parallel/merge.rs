//! The stream of a map: those of its branches, merged as their chunks come.

use crate::{
    Result,
    util::one_of::{OneOf1, OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, OneOf9, OneOf10, OneOf11, OneOf12},
};
use futures_core::Stream;
use std::{
    pin::Pin,
    task::{Context as Task, Poll},
};

macro_rules! impl_merge {
    ($module:ident $OneOf:ident; $($S:ident $C:ident $at:tt),*) => {
        #[allow(non_snake_case)]
        pub(super) mod $module {
            use super::*;

            pin_project_lite::pin_project! {
                /// Starts at another branch on each poll, so that a fast one cannot starve the others.
                struct Merge<Tag, $($S),*> {
                    $(#[pin] $S: Option<$S>,)*
                    next: usize,
                    tag: Tag,
                }
            }

            /// The chunks of all branches, each with the branch it is of.
            pub(in crate::combinators::parallel) fn merge<T, $($S, $C),*>(
                branches: ($($S,)*),
                tag: fn($OneOf<$($C),*>) -> T,
            ) -> impl Stream<Item = Result<T>> + Send
            where
                $($S: Stream<Item = Result<$C>> + Send,)*
            {
                Merge { $($S: Some(branches.$at),)* next: 0, tag }
            }

            impl<Tag, $($S),*> Merge<Tag, $($S),*> {
                fn stop(self: Pin<&mut Self>) {
                    let mut this = self.project();
                    $(this.$S.set(None);)*
                }
            }

            impl<T, $($S, $C),*> Stream for Merge<fn($OneOf<$($C),*>) -> T, $($S),*>
            where
                $($S: Stream<Item = Result<$C>>,)*
            {
                type Item = Result<T>;

                fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
                    const BRANCHES: usize = [$($at),*].len();
                    #[allow(clippy::modulo_one)]
                    let place = |turn| turn % BRANCHES;
                    let mut this = self.as_mut().project();
                    let mut open = false;
                    for turn in 0..BRANCHES {
                        match place(*this.next + turn) {
                            $($at => if let Some(branch) = this.$S.as_mut().as_pin_mut() {
                                match branch.poll_next(task) {
                                    Poll::Pending => open = true,
                                    Poll::Ready(None) => this.$S.set(None),
                                    Poll::Ready(Some(Ok(chunk))) => {
                                        *this.next = $at + 1;
                                        return Poll::Ready(Some(Ok((this.tag)($OneOf::$C(chunk)))));
                                    }
                                    // The first failure stops the siblings.
                                    Poll::Ready(Some(Err(error))) => {
                                        self.stop();
                                        return Poll::Ready(Some(Err(error)));
                                    }
                                }
                            })*
                            _ => {}
                        }
                    }
                    if open { Poll::Pending } else { Poll::Ready(None) }
                }
            }
        }
    };
}

impl_merge!(one OneOf1; SA A 0);
impl_merge!(two OneOf2; SA A 0, SB B 1);
impl_merge!(three OneOf3; SA A 0, SB B 1, SC C 2);
impl_merge!(four OneOf4; SA A 0, SB B 1, SC C 2, SD D 3);
impl_merge!(five OneOf5; SA A 0, SB B 1, SC C 2, SD D 3, SE E 4);
impl_merge!(six OneOf6; SA A 0, SB B 1, SC C 2, SD D 3, SE E 4, SF F 5);
impl_merge!(seven OneOf7; SA A 0, SB B 1, SC C 2, SD D 3, SE E 4, SF F 5, SG G 6);
impl_merge!(eight OneOf8; SA A 0, SB B 1, SC C 2, SD D 3, SE E 4, SF F 5, SG G 6, SH H 7);
impl_merge!(nine OneOf9; SA A 0, SB B 1, SC C 2, SD D 3, SE E 4, SF F 5, SG G 6, SH H 7, SI I 8);
impl_merge!(ten OneOf10; SA A 0, SB B 1, SC C 2, SD D 3, SE E 4, SF F 5, SG G 6, SH H 7, SI I 8, SJ J 9);
impl_merge!(eleven OneOf11; SA A 0, SB B 1, SC C 2, SD D 3, SE E 4, SF F 5, SG G 6, SH H 7, SI I 8, SJ J 9, SK K 10);
impl_merge!(twelve OneOf12; SA A 0, SB B 1, SC C 2, SD D 3, SE E 4, SF F 5, SG G 6, SH H 7, SI I 8, SJ J 9, SK K 10, SL L 11);
