//! Values by their types.

use std::{
    any::{Any, TypeId},
    sync::Arc,
};

type Value = Arc<dyn Any + Send + Sync>;

/// Values by their types. A run has few, which a list holds in one allocation and finds without a hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions(Vec<(TypeId, Value)>);

impl Extensions {
    /// Sets the value of a type.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        let value: Value = Arc::new(value);
        match self.0.iter_mut().find(|(id, _)| *id == TypeId::of::<T>()) {
            Some((_, old)) => *old = value,
            None => self.0.push((TypeId::of::<T>(), value)),
        }
    }

    /// Returns the value of a type.
    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.iter().find(|(id, _)| *id == TypeId::of::<T>())?.1.downcast_ref()
    }

    /// Adds values, except for types that are set already.
    pub(crate) fn add(&mut self, added: &Extensions) {
        for (id, value) in &added.0 {
            if self.0.iter().all(|(known, _)| known != id) {
                self.0.push((*id, Arc::clone(value)));
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
