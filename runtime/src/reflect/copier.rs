//! A function that clones values of a type whose name is no longer known.

use std::any::{Any, TypeId};

/// A function that clones chunks of one type, created where the type is known to be `Clone`. The type is erased.
#[derive(Clone, Copy)]
pub struct Copier {
    of: TypeId,
    copy: fn(&dyn Any, &mut dyn Any),
}

impl Copier {
    /// For chunks of this type.
    pub(crate) fn of<T: Clone + 'static>() -> Self {
        let copy = |from: &dyn Any, to: &mut dyn Any| {
            if let (Some(from), Some(to)) = (from.downcast_ref::<T>(), to.downcast_mut::<Option<T>>()) {
                *to = Some(from.clone());
            }
        };
        Copier { of: TypeId::of::<T>(), copy }
    }

    /// A copy, if it is for this type.
    pub(crate) fn copy<T: 'static>(&self, value: &T) -> Option<T> {
        let mut copy = None;
        (self.copy)(value, &mut copy);
        copy
    }

    /// Returns `true` if it is for chunks of this type.
    pub(crate) fn is_for<T: 'static>(&self) -> bool {
        self.of == TypeId::of::<T>()
    }
}
