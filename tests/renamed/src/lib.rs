//! Chains in a crate that calls Catena something else.

extern crate links as catena;

use links::prelude::*;

/// How long a text is.
#[runnable]
pub fn length(text: &str) -> usize {
    text.len()
}

/// A text, and its length.
#[derive(Clone, Debug, PartialEq, Record)]
pub struct Measured {
    /// The text.
    pub text: String,
    /// Its length.
    pub size: usize,
}

/// Measures a text.
#[runnable]
pub fn measure() -> impl Runnable<String, Output = Measured> {
    chain!(String => <text: _, size: length> as Measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_dependency_works() {
        let measured = measure().invoke_blocking("to be".to_owned());
        assert_eq!(measured.ok(), Some(Measured { text: "to be".to_owned(), size: 5 }));
        assert_eq!(record! { size: 3 }.size, 3);
    }
}
