//! Which steps have told of their types already, so that a run does not ask again.

use crate::{Node, Runnable, Types};
use std::{
    any::{TypeId, type_name},
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
    sync::{PoisonError, RwLock},
};

/// What is known of types.
pub(crate) type ByType<T> = HashMap<TypeId, T, BuildHasherDefault<Mixed>>;

/// Do it, unless it was done for a step of this type.
///
/// A step has no `TypeId`, for it may borrow; what stands for its type is the function that tells, and the type's name. Either
/// alone will not do: the compiler makes one function of two with the same code, though what they tell may be in the step
/// (as with [`Typed`](crate::macro_support::typed::Typed)), and closures of one function have one name. Only what is behind a pointer may tell
/// something else each time.
pub(crate) fn once<In: Send, R: Runnable<In>>(learn: impl FnOnce()) {
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

/// Whether something in it is known only when it runs.
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

/// Addresses and the ids of types, made into hashes by one multiplication: nobody outside chooses them.
#[derive(Default)]
pub(crate) struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, part: u64) {
        // The table takes the place from the low bits and a mark from the high ones.
        let mixed = u128::from(self.0 ^ part) * 0x9e37_79b9_7f4a_7c15;
        #[allow(clippy::cast_possible_truncation)] // both halves are taken
        let (low, high) = (mixed as u64, (mixed >> 64) as u64);
        self.0 = low ^ high;
    }

    fn write_usize(&mut self, part: usize) {
        self.write_u64(part as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
