//! The words a chain is written with, as a type: labels of steps, fields and arms cost nothing at run time.

/// The texts of one `chain!`, in the order written. `chain!` makes the implementations.
pub trait Names: 'static {
    /// All of them; a combinator knows its own by position.
    const NAMES: &'static [&'static str];
}

/// No words: for combinators built by hand.
impl Names for () {
    const NAMES: &'static [&'static str] = &[];
}

/// The text at a position; empty where there is none.
pub(crate) const fn name_at<X: Names>(at: usize) -> &'static str {
    if at < X::NAMES.len() { X::NAMES[at] } else { "" }
}
