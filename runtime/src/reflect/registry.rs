//! Serialization, cloning and the JSON Schema of users' types, found without a bound on them where they are concrete.

use crate::{
    macro_support::infer::Flow,
    reflect::{copier::Copier, type_id_map::ByType},
};
use serde::Serialize;
use serde_json::Value;
use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    marker::PhantomData,
    sync::{
        OnceLock, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// Writes a value of one type, which is behind the `dyn`.
type Write = fn(&dyn Any) -> Option<Value>;

/// A registry of the types that go through steps; filled by [`Runnable::types`](crate::Runnable::types).
///
/// A step registers the traits of the types that it is written for. Generic steps around it find them by the type's id.
#[derive(Default)]
pub struct Types {
    write: ByType<Write>,
    schema: ByType<fn() -> Value>,
    copy: ByType<Copy>,
    name: ByType<fn() -> Option<String>>,
    /// The schemas again, for types that may borrow, which have no id.
    schema_by_name: HashMap<&'static str, fn() -> Value>,
}

/// Copies a value of one type, which is behind the `dyn`.
type Copy = fn(&dyn Any) -> Option<Box<dyn Any>>;

impl Types {
    /// Registers that `T` is `Serialize`, so that events have its values.
    ///
    /// ```
    /// # let mut types = catena::Types::default();
    /// types.serialize::<Vec<u8>>();
    /// ```
    pub fn serialize<T: Serialize + 'static>(&mut self) {
        self.write::<T>(|any| serde_json::to_value(any.downcast_ref::<T>()?).ok());
    }

    /// Registers the JSON Schema of `T`.
    pub fn schema<T: 'static>(&mut self, schema: fn() -> Value) {
        self.schema.insert(TypeId::of::<T>(), schema);
        self.schema_by_name.insert(type_name::<T>(), schema);
    }

    /// Registers a name for `T`, instead of the compiler's.
    pub(crate) fn name<T: 'static>(&mut self, name: fn() -> Option<String>) {
        self.name.insert(TypeId::of::<T>(), name);
    }

    /// Registers that `T` is `Clone`.
    pub fn clone<T: Clone + 'static>(&mut self) {
        self.copy.insert(TypeId::of::<T>(), |any| Some(Box::new(any.downcast_ref::<T>()?.clone())));
    }

    #[cfg(feature = "schema")]
    fn schema_of<T: schemars::JsonSchema + 'static>(&mut self) {
        self.schema::<T>(|| schemars::schema_for!(T).to_value());
    }

    pub(crate) fn write<T: 'static>(&mut self, write: Write) {
        self.write.entry(TypeId::of::<T>()).or_insert(write);
    }

    fn of_std() -> Self {
        let mut types = Types::default();
        macro_rules! std { ($($T:ty),*) => { $(types.serialize::<$T>(); types.serialize::<Option<$T>>(); types.serialize::<Vec<$T>>();
            types.clone::<$T>(); types.clone::<Option<$T>>(); types.clone::<Vec<$T>>();)* }; }
        std!(String, &'static str, (), bool, char, Value);
        #[cfg(feature = "schema")]
        {
            macro_rules! schemas { ($($T:ty),*) => { $(types.schema_of::<$T>(); types.schema_of::<Option<$T>>(); types.schema_of::<Vec<$T>>();)* }; }
            schemas!(
                String,
                &'static str,
                bool,
                char,
                Value,
                u8,
                u16,
                u32,
                u64,
                usize,
                i8,
                i16,
                i32,
                i64,
                isize,
                f32,
                f64
            );
        }
        std!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64);
        types
    }
}

/// The registered types of all steps. They are the same everywhere, so one table is enough.
fn known() -> &'static RwLock<Types> {
    static KNOWN: OnceLock<RwLock<Types>> = OnceLock::new();
    KNOWN.get_or_init(|| RwLock::new(Types::of_std()))
}

/// Registers what a step knows. Compiled once, whatever the step is.
pub(crate) fn learn(tell: &mut dyn FnMut(&mut Types)) {
    let mut told = Types::default();
    tell(&mut told);
    let missing = {
        let known = known().read().unwrap_or_else(PoisonError::into_inner);
        told.write.keys().any(|id| !known.write.contains_key(id))
            || told.copy.keys().any(|id| !known.copy.contains_key(id))
            || told.schema.keys().any(|id| !known.schema.contains_key(id))
            || told.name.keys().any(|id| !known.name.contains_key(id))
    };
    if missing {
        let mut known = known().write().unwrap_or_else(PoisonError::into_inner);
        known.write.extend(told.write);
        known.schema.extend(told.schema);
        known.copy.extend(told.copy);
        known.name.extend(told.name);
        known.schema_by_name.extend(told.schema_by_name);
    }
}

/// A value as JSON, where its type is known.
pub(crate) fn json(value: &dyn Any) -> Option<Value> {
    let write = known().read().unwrap_or_else(PoisonError::into_inner).write.get(&value.type_id()).copied();
    write.and_then(|write| write(value))
}

/// Returns `true` if values of a type can be written as JSON.
pub(crate) fn writes<T: 'static>() -> bool {
    known().read().unwrap_or_else(PoisonError::into_inner).write.contains_key(&TypeId::of::<T>())
}

/// A copy of a value, where it is known how.
pub(crate) fn copy<T: 'static>(value: &T) -> Option<T> {
    let copy = known().read().unwrap_or_else(PoisonError::into_inner).copy.get(&TypeId::of::<T>()).copied();
    copy?(value)?.downcast().ok().map(|copy| *copy)
}

/// The name of a type, where it is known to be another than the compiler's.
pub(crate) fn name_of<T: 'static>() -> Option<String> {
    let name = known().read().unwrap_or_else(PoisonError::into_inner).name.get(&TypeId::of::<T>()).copied();
    name?()
}

/// The JSON Schema of a type of this name, where it is known: to look at, for names are not unique.
#[cfg(feature = "schema")]
pub(crate) fn schema_named<T>() -> Option<Value> {
    let known = known().read().unwrap_or_else(PoisonError::into_inner);
    let schema = known.schema_by_name.get(type_name::<T>()).copied();
    drop(known);
    schema.map(|schema| schema())
}

/// The JSON Schema of a type, where it is known.
pub(crate) fn schema_of<T: 'static>() -> Option<Value> {
    let schema = known().read().unwrap_or_else(PoisonError::into_inner).schema.get(&TypeId::of::<T>()).copied();
    schema.map(|schema| schema())
}

/// Asks a type what it can do, by the method that is found: the one with the bound, or by one more reference the other.
pub struct Probe<T>(PhantomData<fn() -> T>);

#[allow(clippy::new_without_default)]
impl<T> Probe<T> {
    /// For this type.
    pub const fn new() -> Self {
        Probe(PhantomData)
    }

    /// For the type of what comes out of a step.
    pub const fn of<A>(_: &Flow<T, A>) -> Self {
        Probe(PhantomData)
    }
}

/// Registers what is known of a type.
pub(crate) type Register = fn(&mut Types);

/// Which expansions of `chain!` have registered the types that only they see: the outputs of closures and picks.
///
/// One stands in each expansion. In a generic function it is one for all types that the function is used with, so it keeps which
/// of them came last.
pub struct Registered(AtomicUsize);

#[allow(clippy::new_without_default)]
impl Registered {
    /// Of no types yet.
    pub const fn new() -> Self {
        Registered(AtomicUsize::new(0))
    }

    /// Registers the types of a chain that is built, unless they were those of the last one built here.
    #[inline]
    pub fn register(&self, types: &[Register]) {
        // Functions that the compiler has merged because their code is the same do the same.
        let these = types.iter().fold(1, |sum: usize, register| sum.rotate_left(5) ^ *register as usize);
        if self.0.load(Relaxed) != these {
            learn(&mut |known| types.iter().for_each(|register| register(known)));
            self.0.store(these, Relaxed);
        }
    }
}

/// A type that can be written and cloned.
///
/// The compiler looks for `__registers` at the type with the most references first: in this trait, then in those below, in order.
pub trait WrittenAndCloned<T: 'static> {
    /// Registers both.
    fn __registers(&self) -> Register;
}

impl<T: Serialize + Clone + 'static> WrittenAndCloned<T> for &&Probe<T> {
    fn __registers(&self) -> Register {
        |types| {
            types.serialize::<T>();
            types.clone::<T>();
        }
    }
}

/// A type that can be written.
pub trait OnlyWritten<T: 'static> {
    /// Registers that.
    fn __registers(&self) -> Register;
}

impl<T: Serialize + 'static> OnlyWritten<T> for &Probe<T> {
    fn __registers(&self) -> Register {
        Types::serialize::<T>
    }
}

/// Any other type.
pub trait Unregistered {
    /// Registers nothing.
    fn __registers(&self) -> Register {
        |_| {}
    }
}

impl<T> Unregistered for Probe<T> {}

/// A type that `serde` writes.
pub trait Written<T> {
    /// The value as JSON.
    fn __json(&self, value: &T) -> Option<Value>;
    /// The function that makes such JSON.
    fn __writer(&self) -> fn(&T) -> Option<Value>;
    /// Tell of the type.
    fn __tell(&self, types: &mut Types)
    where
        T: 'static;
    /// The function that registers it.
    fn __teller(&self) -> fn(&mut Types)
    where
        T: 'static;
}

impl<T: Serialize> Written<T> for Probe<T> {
    fn __json(&self, value: &T) -> Option<Value> {
        serde_json::to_value(value).ok()
    }
    fn __writer(&self) -> fn(&T) -> Option<Value> {
        |value| serde_json::to_value(value).ok()
    }
    fn __tell(&self, types: &mut Types)
    where
        T: 'static,
    {
        types.serialize::<T>();
    }
    fn __teller(&self) -> fn(&mut Types)
    where
        T: 'static,
    {
        Types::serialize::<T>
    }
}

/// Any other type.
pub trait Unwritten<T> {
    /// Nothing.
    fn __json(&self, _value: &T) -> Option<Value> {
        None
    }
    /// A function that gives nothing.
    fn __writer(&self) -> fn(&T) -> Option<Value> {
        |_| None
    }
    /// Nothing to tell.
    fn __tell(&self, _types: &mut Types) {}
    /// A function that tells nothing.
    fn __teller(&self) -> fn(&mut Types) {
        |_| {}
    }
}

impl<T> Unwritten<T> for &Probe<T> {}

/// A type that can be cloned.
pub trait Cloned<T> {
    /// Returns the function that clones it.
    fn __copier(&self) -> Option<Copier>
    where
        T: 'static;
    /// Tell of it.
    fn __tell_clone(&self, types: &mut Types)
    where
        T: 'static;
    /// The function that registers it.
    fn __clone_teller(&self) -> fn(&mut Types)
    where
        T: 'static;
}

impl<T: Clone> Cloned<T> for Probe<T> {
    fn __copier(&self) -> Option<Copier>
    where
        T: 'static,
    {
        Some(Copier::of::<T>())
    }
    fn __tell_clone(&self, types: &mut Types)
    where
        T: 'static,
    {
        types.clone::<T>();
    }
    fn __clone_teller(&self) -> fn(&mut Types)
    where
        T: 'static,
    {
        Types::clone::<T>
    }
}

/// Any other type.
pub trait Uncloned<T> {
    /// It is not.
    fn __copier(&self) -> Option<Copier> {
        None
    }
    /// Nothing to tell.
    fn __tell_clone(&self, _types: &mut Types) {}
    /// A function that tells nothing.
    fn __clone_teller(&self) -> fn(&mut Types) {
        |_| {}
    }
}

impl<T> Uncloned<T> for &Probe<T> {}

/// A type with a JSON Schema.
#[cfg(feature = "schema")]
pub trait Described<T> {
    /// The schema.
    fn schema(&self) -> Option<Value>;
    /// Tell of it.
    fn __tell_schema(&self, types: &mut Types)
    where
        T: 'static;
    /// The function that registers it.
    fn __schema_teller(&self) -> fn(&mut Types)
    where
        T: 'static;
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> Described<T> for Probe<T> {
    fn schema(&self) -> Option<Value> {
        Some(schemars::schema_for!(T).to_value())
    }
    fn __tell_schema(&self, types: &mut Types)
    where
        T: 'static,
    {
        types.schema_of::<T>();
    }
    fn __schema_teller(&self) -> fn(&mut Types)
    where
        T: 'static,
    {
        Types::schema_of::<T>
    }
}

/// Any other type.
pub trait Undescribed<T> {
    /// Nothing.
    fn schema(&self) -> Option<Value> {
        None
    }
    /// Nothing to tell.
    fn __tell_schema(&self, _types: &mut Types) {}
    /// A function that tells nothing.
    fn __schema_teller(&self) -> fn(&mut Types) {
        |_| {}
    }
}

impl<T> Undescribed<T> for &Probe<T> {}
