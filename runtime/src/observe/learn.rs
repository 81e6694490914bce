//! The steps whose types are registered already, so that a run does not ask again.

use crate::{
    Node, Runnable, Types,
    reflect::{registry, type_id_map::Mixed},
};
use std::{
    any::type_name,
    collections::HashSet,
    hash::BuildHasherDefault,
    sync::{PoisonError, RwLock},
};

/// Let a step tell what it knows, if it has not before.
pub(crate) fn learn_of<In: Send, R: Runnable<In>>(step: &R) {
    once::<In, R>(|| registry::learn(|types| step.types(types)));
}

/// Do it, unless it was done for a step of this type.
///
/// A step has no `TypeId`, for it may borrow; what stands for its type is the function that tells, and the type's name. Either
/// alone will not do: the compiler makes one function of two with the same code, though what they tell may be in the step
/// (as with [`Typed`](crate::macro_support::typed::Typed)), and closures of one function have one name. Only what is behind a pointer may tell
/// something else each time.
fn once<In: Send, R: Runnable<In>>(learn: impl FnOnce()) {
    static TOLD: RwLock<Option<HashSet<[usize; 2], BuildHasherDefault<Mixed>>>> = RwLock::new(None);
    if const { is_opaque(&R::NODE) } {
        return learn();
    }
    let tell: fn(&R, &mut Types) = <R as Runnable<In>>::types;
    // The same name at two places is only told twice.
    let tell = [tell as usize, type_name::<R>().as_ptr() as usize];
    let told = TOLD.read().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|told| told.contains(&tell));
    if !told {
        learn();
        TOLD.write().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().insert(tell);
    }
}

/// Returns `true` if something in it is known only when it runs.
const fn is_opaque(node: &Node) -> bool {
    if node.is_opaque() {
        return true;
    }
    let mut at = 0;
    while let Some(part) = node.part(at) {
        if is_opaque(part) {
            return true;
        }
        at += 1;
    }
    false
}
