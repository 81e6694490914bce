//! The observers of a run, in order: most runs have one, which needs no list.

use crate::Observer;
use std::{ops::Deref, slice, sync::Arc};

/// Shared observers. A clone shares them.
#[derive(Clone, Default)]
pub(crate) enum Observers {
    #[default]
    None,
    One(Arc<dyn Observer>),
    Many(Arc<[Arc<dyn Observer>]>),
}

impl Deref for Observers {
    type Target = [Arc<dyn Observer>];

    fn deref(&self) -> &[Arc<dyn Observer>] {
        match self {
            Observers::None => &[],
            Observers::One(observer) => slice::from_ref(observer),
            Observers::Many(observers) => observers,
        }
    }
}

impl Observers {
    /// Returns these observers with more behind them.
    pub(crate) fn with(&self, more: impl IntoIterator<Item = Arc<dyn Observer>>) -> Self {
        let mut more = more.into_iter().peekable();
        match (self, more.next()) {
            (these, None) => these.clone(),
            (Observers::None, Some(observer)) if more.peek().is_none() => Observers::One(observer),
            (these, Some(first)) => Observers::Many(these.iter().cloned().chain([first]).chain(more).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Observers;
    use crate::{Event, Observer};
    use std::sync::Arc;

    struct Nothing;

    impl Observer for Nothing {
        fn event(&self, _event: &Event) {}
    }

    #[test]
    fn all_of_them_are_there_in_order() {
        let all: Vec<Arc<dyn Observer>> = (0..4).map(|_| Arc::new(Nothing) as _).collect();
        let mut observers = Observers::default();
        for (count, observer) in all.iter().enumerate() {
            assert_eq!(observers.len(), count);
            observers = observers.with([Arc::clone(observer)]);
        }
        let same = |a: &[Arc<dyn Observer>]| a.len() == all.len() && a.iter().zip(&all).all(|(a, b)| Arc::ptr_eq(a, b));
        assert!(same(&observers) && same(&observers.with([])));
        assert!(
            same(&Observers::None.with(all.clone()))
                && same(&Observers::None.with([]).with(all[..1].to_vec()).with(all[1..].to_vec()))
        );
    }
}
