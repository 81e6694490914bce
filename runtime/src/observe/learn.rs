//! The steps whose types are registered already, so that a run does not ask again.

use crate::{
    Node, Runnable, Types,
    reflect::{registry, type_id_map::TypeIdHasher},
};
use std::{
    any::type_name,
    collections::HashSet,
    hash::BuildHasherDefault,
    sync::{PoisonError, RwLock},
};

/// Registers the types of a step, unless those of a step of this type are registered already.
///
/// A step has no `TypeId`, for it may borrow. Its type is known by the function that registers and by the type's name. Either
/// alone will not do: the compiler makes one function of two with the same code, though what they register may be in the step
/// (as with [`Typed`](crate::macro_support::typed::Typed)), and closures of one function have one name. Only what is behind a
/// pointer may register something else each time.
pub(crate) fn learn_of<In: Send, R: Runnable<In>>(step: &R) {
    let tell: fn(&R, &mut Types) = <R as Runnable<In>>::types;
    let key = [tell as usize, type_name::<R>().as_ptr() as usize];
    learn_once(if const { is_opaque(&R::NODE) } { None } else { Some(key) }, &mut |types| tell(step, types));
}

/// Registers the types of a step under this key, if it is known by one.
#[inline(never)]
fn learn_once(key: Option<[usize; 2]>, tell: &mut dyn FnMut(&mut Types)) {
    static SEEN: RwLock<Option<HashSet<[usize; 2], BuildHasherDefault<TypeIdHasher>>>> = RwLock::new(None);
    let Some(key) = key else { return registry::learn(tell) };
    // The same name at two places is only told twice.
    let told = SEEN.read().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|told| told.contains(&key));
    if !told {
        registry::learn(tell);
        SEEN.write().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().insert(key);
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
