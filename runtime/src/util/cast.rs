//! Types that are one type where the compiler cannot see it: in code generic over both.
//!
//! A function from a type to itself is, where both types are one, also a function from the one to the other. Asking for it as
//! that is safe, costs nothing once compiled, and moves the value instead of taking it apart.

use std::any::Any;

/// Returns the function from `T` to `U`, if they are the same type.
pub(crate) fn same<T: 'static, U: 'static>() -> Option<fn(T) -> U> {
    let itself: fn(T) -> T = |value| value;
    (&itself as &dyn Any).downcast_ref::<fn(T) -> U>().copied()
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn one_type_and_two() {
        assert_eq!(same::<u8, u8>().map(|same| same(1)), Some(1));
        assert!(same::<u8, u16>().is_none());
    }
}
