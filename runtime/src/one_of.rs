//! Exactly one of several values: which branch a chunk came from, which arm of a `match` was chosen.

use crate::tuples::arities;

macro_rules! one_of {
    ($Name:ident; $($V:ident $at:tt),*) => {
        #[doc = concat!("Exactly one of ", stringify!($($V),*), ".")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $Name<$($V),*> {
            $(#[doc = concat!("Number ", stringify!($at), ".")] $V($V),)*
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
