//! The words a chain is written with, as a type: labels of steps, fields and arms cost nothing at run time.

use std::marker::PhantomData;

/// The texts of one `chain!`, in the order written. `chain!` makes the implementations.
pub trait Labels: 'static {
    /// All of them; a combinator knows its own by position.
    const NAMES: &'static [&'static str];
}

/// No words: for combinators built by hand.
impl Labels for () {
    const NAMES: &'static [&'static str] = &[];
}

/// The text at a position; empty where there is none.
pub(crate) const fn name_at<X: Labels>(at: usize) -> &'static str {
    if at < X::NAMES.len() { X::NAMES[at] } else { "" }
}

/// Stands for the words of one `chain!` where a value is easier to pass than a type.
pub struct LabelsOf<X>(PhantomData<fn() -> X>);

#[allow(clippy::new_without_default)]
impl<X: Labels> LabelsOf<X> {
    /// The words `X`.
    pub const fn new() -> Self {
        LabelsOf(PhantomData)
    }
}

impl<X> Clone for LabelsOf<X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X> Copy for LabelsOf<X> {}
