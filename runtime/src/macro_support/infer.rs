//! How `chain!` types a chain: a value without content goes from step to step and carries the type between them.
//!
//! Each step is an argument of [`Runnable::fit`](crate::Runnable::fit) or of one of these functions, so that a step which
//! does not fit is one error on the user's own expression, and a closure learns its parameter's type from the step before.
//! What can be wrong is asked of a type by a function of the trait itself: of a function with a bound, the compiler would
//! show the bound as well.

// What is carried from step to step are types.
#![allow(clippy::type_complexity)]

pub use crate::step::shared_input::Lent;
use crate::step::shared_input::{Lendable, NotLendable, ShareInput};
use crate::{
    Assemble, Closure, Concat, ConfigKey, Passthrough, Pick, PickRef, Result, Runnable, SettledAssembler, Whole,
    combinators::{
        branch::{ByInput, ByKey},
        parallel::{ChunkShape, Form, ParallelAssembler, Shape},
    },
    leaves::projection::{All, FieldsOf, Pieces, Projected},
    macro_support::{
        inline_record::{InlineRecord, Pairs},
        into_struct::{IntoRecordStruct, IntoStruct, Reorder, Tell},
    },
    reflect::copier::Copier,
    util::one_of::OneOfs,
};
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// A value of type `T` comes here; on a stream, in chunks that an `A` puts together.
pub struct Flow<T, A = Whole<T>>(PhantomData<fn() -> (T, A)>);

impl<T, A> Clone for Flow<T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, A> Copy for Flow<T, A> {}

impl<T, A> Flow<T, A> {
    pub(crate) const fn new() -> Self {
        Flow(PhantomData)
    }
}

/// In place of an assembler: how the value streams is not known. Nothing is asked of the value's type, which may borrow.
pub struct Unknown;

/// The input of a chain.
pub const fn start<T>() -> Flow<T, Unknown> {
    Flow(PhantomData)
}

/// The type of an input that no `Type =>` declares: every type.
///
/// If the steps leave it open, the compiler names this trait, and shows the line of the function below that has the
/// bound. So this line says what to write.
pub trait WriteTheTypeOfTheInput {}

impl<T: ?Sized> WriteTheTypeOfTheInput for T {}

/// The input of a chain without `Type =>`.
#[rustfmt::skip]
pub const fn chain_without_the_type_of_its_input<Type: WriteTheTypeOfTheInput>() // write `chain!(Type => ..)`
-> Flow<Type, Unknown> {
    Flow(PhantomData)
}

/// The input of a chain, of a type that is written down and does not borrow.
pub struct Start<T>(PhantomData<fn() -> T>);

#[allow(clippy::new_without_default)]
impl<T> Start<T> {
    /// Of this type.
    pub const fn new() -> Self {
        Start(PhantomData)
    }
}

/// Text, which comes in pieces where the chain is a step of another one.
pub trait StartText {
    /// The input.
    fn __start(&self) -> Flow<String, Concat>;
}

impl StartText for Start<String> {
    fn __start(&self) -> Flow<String, Concat> {
        Flow(PhantomData)
    }
}

/// Any other type.
pub trait StartWhole<T> {
    /// The input.
    fn __start(&self) -> Flow<T>;
}

impl<T> StartWhole<T> for &Start<T> {
    fn __start(&self) -> Flow<T> {
        Flow(PhantomData)
    }
}

/// The same input, for one of several branches.
pub const fn fork<T, A>(_: &Flow<T, A>) -> Flow<T, A> {
    Flow(PhantomData)
}

/// Whether a whole chain is a step for what flows into it: asked as an [`Ask`] is.
pub struct AskChain<In, S>(PhantomData<fn() -> (In, S)>);

impl<In, S> AskChain<In, S> {
    /// Of a chain with this input.
    pub const fn of<A>(_: &Flow<In, A>, _: &S) -> Self {
        AskChain(PhantomData)
    }
}

/// It is.
pub trait IsStep<S> {
    /// The chain.
    fn __chain(&self, chain: S) -> S;
}

impl<In: Send, S: Runnable<In>> IsStep<S> for AskChain<In, S> {
    fn __chain(&self, chain: S) -> S {
        chain
    }
}

/// It is not, and the step that is to blame is an error already.
pub trait IsNoStep<S> {
    /// A chain of any type, so that its uses are no further errors. Such a program does not compile.
    fn __chain<T>(&self, chain: S) -> T;
}

impl<In, S> IsNoStep<S> for &AskChain<In, S> {
    fn __chain<T>(&self, _: S) -> T {
        const { panic!("this chain is not a step for its input") }
    }
}

/// What a flow carries.
pub trait Carries {
    /// The type.
    type Value;
}

impl<T, A> Carries for Flow<T, A> {
    type Value = T;
}

/// The chunks of a step, and the step that they are known to come from.
pub trait Given<S> {
    /// The step.
    type By;
    /// The step.
    fn by(step: S) -> Self::By;
}

impl<C, S> Given<S> for C {
    type By = S;
    fn by(step: S) -> S {
        step
    }
}

/// An arm that is not written yet, `todo!()`: it ends in the type in which the first arm ends.
pub fn unfinished<I, A, O: Send + 'static, B, F: Fn(I) -> Result<O>>(
    _: Flow<I, A>,
    _: &Flow<O, B>,
    function: F,
) -> (Closure<F>, Flow<O>) {
    (Closure::new(function), Flow(PhantomData))
}

/// After a settled branch.
pub const fn settle<T, A: Assemble>(_: Flow<T, A>) -> Flow<Result<T>, SettledAssembler<A>> {
    Flow(PhantomData)
}

/// After some branches: what a map of this form over them gives.
pub fn join<M: Shape<F::Values>, F: Flows>(_: Form<M>, _: F) -> Flow<M::Record, ParallelAssembler<F::Assemblers, M>> {
    Flow(PhantomData)
}

/// The function that chooses an arm, and what each arm gets.
pub fn select<I, A, T: OneOfs, F: Fn(I) -> T>(_: Flow<I, A>, function: F) -> (ByInput<F>, T::Flows) {
    (ByInput(function), T::flows())
}

/// A type whose values can come from JSON, as those of every key that chooses an arm have to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be set from JSON, so no `match config(..)` can choose by it",
    label = "a key of `{Self}`",
    note = "give it `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait Settable: Sized {
    /// The key that chooses: by itself, so that one which cannot is an error on it.
    fn settable(key: &'static ConfigKey<Self>) -> &'static ConfigKey<Self> {
        key
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Settable for T {}

/// The function that chooses an arm by the value of a key.
pub fn select_by<I, A, K: 'static, T: OneOfs, F: Fn(I, &K) -> T>(
    _: Flow<I, A>,
    key: &'static ConfigKey<K>,
    choose: F,
) -> (ByKey<K, F>, T::Flows) {
    (ByKey { key, choose }, T::flows())
}

/// The rest of the arms, chosen already.
pub const fn chosen<T>() -> ByInput<fn(T) -> T> {
    ByInput(std::convert::identity)
}

/// Several arms within one: for a `match` of more than twelve.
pub fn nested<T: OneOfs>(_: Flow<T>) -> (fn(T) -> T, T::Flows) {
    (std::convert::identity, T::flows())
}

/// Equality of types, with words for the case that they differ.
#[diagnostic::on_unimplemented(
    message = "this arm of the `match` ends in `{Self}`, the first one in `{First}`",
    label = "ends in `{Self}`",
    note = "all arms end in the same type: adapt one by a closure, `.. | |x| ..`"
)]
pub trait SameAs<First>: Sized {
    /// The end of an arm, which has to be that of the first one.
    fn same_end<F: Carries<Value = First>, A>(_: &F, _: Flow<Self, A>) {}
}

#[diagnostic::do_not_recommend]
impl<T> SameAs<T> for T {}

/// A tuple of flows.
pub trait Flows {
    /// The tuple of what they carry.
    type Values;
    /// The tuple of what puts that together.
    type Assemblers;
}

macro_rules! flows {
    ($OneOf:ident; $(($V:ident $A:ident)),*) => {
        impl<$($V, $A),*> Flows for ($(Flow<$V, $A>,)*) {
            type Values = ($($V,)*);
            type Assemblers = ($($A,)*);
        }

        impl<$($V),*> OneOfs for crate::util::one_of::$OneOf<$($V),*> {
            type Flows = ($(Flow<$V>,)*);
            fn flows() -> Self::Flows {
                ($(Flow::<$V>(PhantomData),)*)
            }
        }
    };
}
flows!(OneOf1; (A AA));
flows!(OneOf2; (A AA), (B BB));
flows!(OneOf3; (A AA), (B BB), (C CC));
flows!(OneOf4; (A AA), (B BB), (C CC), (D DD));
flows!(OneOf5; (A AA), (B BB), (C CC), (D DD), (E EE));
flows!(OneOf6; (A AA), (B BB), (C CC), (D DD), (E EE), (F FF));
flows!(OneOf7; (A AA), (B BB), (C CC), (D DD), (E EE), (F FF), (G GG));
flows!(OneOf8; (A AA), (B BB), (C CC), (D DD), (E EE), (F FF), (G GG), (H HH));
flows!(OneOf9; (A AA), (B BB), (C CC), (D DD), (E EE), (F FF), (G GG), (H HH), (J JJ));
flows!(OneOf10; (A AA), (B BB), (C CC), (D DD), (E EE), (F FF), (G GG), (H HH), (J JJ), (K KK));
flows!(OneOf11; (A AA), (B BB), (C CC), (D DD), (E EE), (F FF), (G GG), (H HH), (J JJ), (K KK), (L LL));
flows!(OneOf12; (A AA), (B BB), (C CC), (D DD), (E EE), (F FF), (G GG), (H HH), (J JJ), (K KK), (L LL), (M MM));

/// `as Struct`, by the function that fills it.
pub fn as_struct<R, A, T, F: Fn(R) -> T>(_: &Flow<R, A>, fill: F) -> (F, Flow<T>) {
    (fill, Flow(PhantomData))
}

/// Whether the fields of the struct after `as` can stream.
pub struct AskStruct<Labels, R, A, T>(PhantomData<fn() -> (Labels, R, A, T)>);

impl<Labels, R, A, T> AskStruct<Labels, R, A, T> {
    /// Of this map, which fills this struct.
    pub const fn of(_: &Flow<R, A>, _: &Flow<T>) -> Self {
        AskStruct(PhantomData)
    }
}

/// The struct derives `Record`: its chunks have names.
pub trait AsPieces<Labels, W, M, D, T> {
    /// The step.
    fn __fill<S, F>(
        &self,
        step: S,
        fill: F,
        tell: Tell,
    ) -> (IntoRecordStruct<S, F, (W, M), Labels, T>, Flow<T, ParallelAssembler<D, T>>);
}

impl<Labels, R, W, M, D, T> AsPieces<Labels, W, M, D, T> for AskStruct<Labels, R, ParallelAssembler<W, M>, T>
where
    W: Reorder<Labels, T, Declared = D>,
    M: ChunkShape<W::One>,
    D: Default,
    T: ChunkShape<W::Arranged>,
    ParallelAssembler<D, T>: Assemble<Output = T>,
{
    fn __fill<S, F>(
        &self,
        step: S,
        fill: F,
        tell: Tell,
    ) -> (IntoRecordStruct<S, F, (W, M), Labels, T>, Flow<T, ParallelAssembler<D, T>>) {
        (IntoRecordStruct::new(step, fill, tell), Flow(PhantomData))
    }
}

/// It does not.
pub trait AsOne<T> {
    /// The step.
    fn __fill<S, F>(&self, step: S, fill: F, tell: Tell) -> (IntoStruct<S, F>, Flow<T>);
}

impl<Labels, R, A, T> AsOne<T> for &AskStruct<Labels, R, A, T> {
    fn __fill<S, F>(&self, step: S, fill: F, tell: Tell) -> (IntoStruct<S, F>, Flow<T>) {
        (IntoStruct::new(step, fill, tell), Flow(PhantomData))
    }
}

/// The fields of any record that has them, as an anonymous one.
pub fn inline_record<M: Shape<P::Values>, P: Pairs>(
    _: Form<M>,
    _: PhantomData<P>,
) -> (InlineRecord<M, P>, Flow<M::Record>) {
    (InlineRecord::new(), Flow(PhantomData))
}

/// A function that takes fields out of the flow's values, which learns here what they are.
pub fn take_from<I, A, O, F: Fn(I) -> Result<O>>(_: &Flow<I, A>, function: F) -> F {
    function
}

/// A function that looks at fields of the flow's values, which learns here what they are.
pub fn look_at<I, A, O, F: Fn(&I) -> Result<O>>(_: &Flow<I, A>, function: F) -> F {
    function
}

/// What a step of kind `K` can do with the chunks of the flow: asked by the method that is found, the one with the bound
/// or, by one more reference, the other.
pub struct Ask<K, I, A>(PhantomData<fn() -> (K, I, A)>);

impl<K, I, A> Ask<K, I, A> {
    /// Of this flow.
    pub const fn of(_: &Flow<I, A>) -> Self {
        Ask(PhantomData)
    }
}

impl<Labels, M, I, A> Ask<FieldsOf<Labels, M>, I, A> {
    /// Of this flow, for a record of this form.
    pub const fn of_form(_: &Flow<I, A>, _: Form<M>) -> Self {
        Ask(PhantomData)
    }
}

/// Pieces of the input go on as they come.
pub trait InPieces<I, O, A, B, K> {
    /// A field, or some of them, moved out of the input.
    fn __pick<F: Fn(I) -> Result<O>>(&self, function: F) -> (Projected<Pick<F>, A, K>, Flow<O, B>);
    /// A field, or some of them, copied out of a borrowed input.
    fn __look<F: Fn(&I) -> Result<O>>(&self, function: F) -> (Projected<PickRef<F>, A, K>, Flow<O, B>);
}

impl<I, O, A, B, K> InPieces<I, O, A, B, K> for Ask<K, I, A>
where
    A: Assemble<Output = I>,
    K: Pieces<A, Assembler = B>,
    B: Assemble<Output = O>,
{
    fn __pick<F: Fn(I) -> Result<O>>(&self, function: F) -> (Projected<Pick<F>, A, K>, Flow<O, B>) {
        (Projected::new(Pick::new(function)), Flow(PhantomData))
    }
    fn __look<F: Fn(&I) -> Result<O>>(&self, function: F) -> (Projected<PickRef<F>, A, K>, Flow<O, B>) {
        (Projected::new(PickRef::new(function)), Flow(PhantomData))
    }
}

/// The whole input is waited for.
pub trait InOne<I> {
    /// A field, or some of them, moved out of the input.
    fn __pick<O, F: Fn(I) -> Result<O>>(&self, function: F) -> (Pick<F>, Flow<O>);
    /// A field, or some of them, copied out of a borrowed input.
    fn __look<O, F: Fn(&I) -> Result<O>>(&self, function: F) -> (PickRef<F>, Flow<O>);
}

impl<K, I, A> InOne<I> for &Ask<K, I, A> {
    fn __pick<O, F: Fn(I) -> Result<O>>(&self, function: F) -> (Pick<F>, Flow<O>) {
        (Pick::new(function), Flow(PhantomData))
    }
    fn __look<O, F: Fn(&I) -> Result<O>>(&self, function: F) -> (PickRef<F>, Flow<O>) {
        (PickRef::new(function), Flow(PhantomData))
    }
}

/// `_`, in pieces.
pub trait ThroughPieces<A> {
    /// The step.
    fn __through(&self) -> Projected<Passthrough, A, All>;
}

impl<I, A: Assemble<Output = I> + Default> ThroughPieces<A> for Ask<All, I, A> {
    fn __through(&self) -> Projected<Passthrough, A, All> {
        Projected::new(Passthrough)
    }
}

/// `_`, in one.
pub trait ThroughOne {
    /// The step.
    fn __through(&self) -> Passthrough;
}

impl<I, A> ThroughOne for &Ask<All, I, A> {
    fn __through(&self) -> Passthrough {
        Passthrough
    }
}

/// An input that can be lent to the branches of a map.
pub trait Lends {
    /// That it can.
    fn __lends(&self) -> Lendable;
}

impl<I: ShareInput, A> Lends for Ask<All, I, A> {
    fn __lends(&self) -> Lendable {
        Lendable
    }
}

/// Any other.
pub trait Keeps {
    /// That it cannot.
    fn __lends(&self) -> NotLendable;
}

impl<I, A> Keeps for &Ask<All, I, A> {
    fn __lends(&self) -> NotLendable {
        NotLendable
    }
}

/// Chunks that are `Clone`.
pub trait Copied {
    /// How they are copied.
    fn __copier(&self) -> Option<Copier>;
}

impl<I, A: Assemble<Output = I, Chunk: Clone>> Copied for Ask<All, I, A> {
    fn __copier(&self) -> Option<Copier> {
        Some(Copier::of::<A::Chunk>())
    }
}

/// Any others.
pub trait NotCopied {
    /// Not at all, as far as can be seen.
    fn __copier(&self) -> Option<Copier>;
}

impl<I, A> NotCopied for &Ask<All, I, A> {
    fn __copier(&self) -> Option<Copier> {
        None
    }
}
