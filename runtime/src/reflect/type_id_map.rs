//! A map by types, whose hasher mixes the bits of an id that is a hash already.

use std::{
    any::TypeId,
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A map by types.
pub(crate) type ByType<T> = HashMap<TypeId, T, BuildHasherDefault<TypeIdHasher>>;

/// Addresses and the ids of types, made into hashes by one multiplication: no input chooses them.
#[derive(Default)]
pub(crate) struct TypeIdHasher(u64);

impl Hasher for TypeIdHasher {
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
