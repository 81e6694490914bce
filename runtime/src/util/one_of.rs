//! Exactly one of several values: which branch a chunk came from, which arm of a `match` was chosen.

use crate::util::arity::arities;
use std::any::Any;

/// Copies the part of a chunk on this path of maps in maps, into an `Option`.
pub type CopyPart<'a> = dyn FnMut(&[usize], &dyn Any, &mut dyn Any) + 'a;

/// Any of the `OneOf..`.
pub trait OneOf: Sized {
    /// A copy, if the value in it is copied.
    fn copy(&self, copy: &mut CopyPart<'_>) -> Option<Self>;
}

macro_rules! one_of {
    ($Name:ident; $($V:ident $at:tt),*) => {
        #[doc = concat!("Exactly one of ", stringify!($($V),*), ".")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $Name<$($V),*> {
            $(#[doc = concat!("Number ", stringify!($at), ".")] $V($V),)*
        }

        impl<$($V: Send + 'static),*> OneOf for $Name<$($V),*> {
            fn copy(&self, copy: &mut CopyPart<'_>) -> Option<Self> {
                match self {
                    $($Name::$V(part) => {
                        let mut copied: Option<$V> = None;
                        copy(&[$at], part, &mut copied);
                        copied.map($Name::$V)
                    })*
                }
            }
        }
    };
}
arities!(one_of);

/// Any of the `OneOf..`: what the arms of a `match` get.
pub trait OneOfs {
    /// A flow for each.
    type Flows;
    /// All of them.
    fn flows() -> Self::Flows;
}
