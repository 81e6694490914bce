//! Types that are one type where the compiler cannot see it: in code generic over both.
//!
//! A function from a type to itself is, where both types are one, also a function from the one to the other. Asking for it as
//! that is safe, costs nothing once compiled, and moves the value instead of taking it apart.

use crate::{Assemble, Chunks};
use std::any::{Any, TypeId};

/// What makes a `U` of a `T`, if they are one type.
pub(crate) fn same<T: 'static, U: 'static>() -> Option<fn(T) -> U> {
    let itself: fn(T) -> T = |value| value;
    (&itself as &dyn Any).downcast_ref::<fn(T) -> U>().copied()
}

impl<'a, T: 'static> Chunks<'a, T> {
    /// The same stream, if its chunks are of this type; else the stream as it was.
    #[allow(clippy::result_large_err)] // no error: the chunks come back as they were
    pub(crate) fn of<U: 'static>(self) -> Result<Chunks<'a, U>, Self> {
        let itself: for<'x> fn(Chunks<'x, T>) -> Chunks<'x, T> = |chunks| chunks;
        match (&itself as &dyn Any).downcast_ref::<for<'x> fn(Chunks<'x, T>) -> Chunks<'x, U>>() {
            Some(same) => Ok(same(self)),
            None => Err(self),
        }
    }

    /// The same stream for one assembler, if it is for the other and both are of one type; else the stream as it was.
    #[allow(clippy::result_large_err)] // no error: the chunks come back as they were
    pub(crate) fn alike<B: Assemble<Chunk = T>, A: Assemble>(self) -> Result<Chunks<'a, A::Chunk>, Self> {
        if TypeId::of::<B>() == TypeId::of::<A>() { self.of() } else { Err(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::same;
    use crate::Chunks;
    use futures_util::stream;

    #[test]
    fn one_type_and_two() {
        assert_eq!(same::<u8, u8>().map(|same| same(1)), Some(1));
        assert!(same::<u8, u16>().is_none());
        let chunks = || Chunks::new(stream::iter([Ok(1_u8)]));
        assert!(chunks().of::<u8>().is_ok() && chunks().of::<i8>().is_err());
    }
}
