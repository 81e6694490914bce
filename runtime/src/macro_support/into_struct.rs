//! A parallel map into a struct of the user's: `<..> as Answers`.

// The types say how a map is put into another order.
#![allow(clippy::type_complexity)]

use crate::{
    Assemble, At, Chunks, Component, Context, Field, Kind, Node, Part, Result, Runnable, Step, Types,
    combinators::parallel::{ChunkShape, ParallelAssembler, object},
    leaves::projection::{Inject, Place},
    observe::instrument::{instead_of, observed_stream, observed_transform, within},
    step::{
        call::{future_of, future_of_ref},
        outcome::{MapOutcome, maps_outcome},
        runnable::{Delegate, whole},
    },
};
use futures_util::StreamExt;
use std::marker::PhantomData;

/// The calls that both ways to fill a struct share: those of the map, whose record becomes the struct.
macro_rules! filled_calls {
    ($In:ident, $S:ident) => {
        fn component(&self) -> Component {
            self.step.component().giving::<Self::Output>()
        }

        fn input_json(&self, input: &$In) -> Option<serde_json::Value> {
            self.step.input_json(input)
        }

        async fn call<'a>(&'a self, input: $In, cx: &'a Context) -> Result<Self::Output> {
            if !cx.is_observed() {
                return future_of(self, input, cx).await;
            }
            instead_of!($S, self, &input, cx => self.map_outcome(self.step.call(input, cx).await))
        }

        async fn call_ref<'a>(&'a self, input: &'a $In, cx: &'a Context) -> Result<Self::Output>
        where
            $In: Clone + Sync,
        {
            if !cx.is_observed() {
                return future_of_ref(self, input, cx).await;
            }
            instead_of!($S, self, input, cx => self.map_outcome(self.step.call_ref(input, cx).await))
        }

        maps_outcome!($In);
    };
}

/// A parallel map whose record fills another struct, which is no [`Record`](crate::Record), or has more than twelve fields.
///
/// # Streaming
/// Gives the struct as one chunk, when all its fields are there. With `#[derive(Record)]` on the struct, its fields stream.
#[derive(Clone, Copy, Debug)]
pub struct IntoStruct<S, F> {
    step: S,
    fill: F,
    tell: Tell,
}

/// Tells what is known of the struct.
pub(crate) type Tell = fn(&mut Types);

impl<S, F> IntoStruct<S, F> {
    /// From the function that `chain!` writes, field by field.
    pub const fn new(step: S, fill: F, tell: Tell) -> Self {
        IntoStruct { step, fill, tell }
    }
}

impl<S: Step, F: Send + Sync> Step for IntoStruct<S, F> {
    /// The struct is a step of its own, because a stream waits for it.
    const NODE: Node =
        Node::Sequence(&[Part { label: "", node: S::NODE }, Part { label: "as", node: Node::leaf("", Kind::Closure) }]);

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

/// The record of the map fills the struct.
macro_rules! fills {
    ([$($generics:tt)*] $Filled:ty) => {
        impl<$($generics)*> Delegate for $Filled {
            type To = S;
            fn inner(&self) -> &S {
                &self.step
            }
        }

        impl<$($generics)*, Values, Filled> MapOutcome<Values> for $Filled
        where
            F: Fn(Values) -> Filled,
        {
            type Mapped = Filled;

            #[inline]
            fn map_outcome(&self, outcome: Result<Values>) -> Result<Filled> {
                outcome.map(&self.fill)
            }
        }
    };
}

fills!([S, F] IntoStruct<S, F>);
fills!([S, F, W, Labels, T] IntoRecordStruct<S, F, W, Labels, T>);

impl<In, S, F, T> Runnable<In> for IntoStruct<S, F>
where
    In: Send,
    S: Runnable<In>,
    T: Send + 'static,
    F: Fn(S::Output) -> T + Send + Sync,
{
    type Output = T;
    whole!(In);

    fn types(&self, types: &mut Types) {
        self.step.types(types);
        (self.tell)(types);
    }

    filled_calls!(In, S);
}

/// A parallel map that fills a struct with `#[derive(Record)]`, whose pieces then have names.
///
/// ```
/// use catena::prelude::*;
/// use futures_util::StreamExt;
///
/// #[derive(Record)]
/// struct Answers { size: usize, loud: String }
///
/// let chain = chain!(String => <loud: |t| t.to_uppercase(), size: |t| t.len()> as Answers);
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut chunks = chain.stream("hey".to_owned());
/// while let Some(chunk) = chunks.next().await {
///     match chunk? {
///         AnswersChunk::Size(size) => assert_eq!(size, 3),
///         AnswersChunk::Loud(text) => assert_eq!(text, "HEY"),
///     }
/// }
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// As the map does; the chunks are the enum that the derive makes.
pub struct IntoRecordStruct<S, F, W, Labels, T> {
    step: S,
    fill: F,
    tell: Tell,
    order: PhantomData<fn() -> (W, Labels, T)>,
}

impl<S, F, W, Labels, T> IntoRecordStruct<S, F, W, Labels, T> {
    pub(crate) const fn new(step: S, fill: F, tell: Tell) -> Self {
        IntoRecordStruct { step, fill, tell, order: PhantomData }
    }
}

impl<S: Clone, F: Clone, W, Labels, T> Clone for IntoRecordStruct<S, F, W, Labels, T> {
    fn clone(&self) -> Self {
        IntoRecordStruct::new(self.step.clone(), self.fill.clone(), self.tell)
    }
}

impl<S: Step, F: Send + Sync, W, Labels, T> Step for IntoRecordStruct<S, F, W, Labels, T> {
    const NODE: Node = S::NODE;

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In, S, F, W, M, Labels, T> Runnable<In> for IntoRecordStruct<S, F, (W, M), Labels, T>
where
    In: Send,
    S: Runnable<In, Assembler = ParallelAssembler<W, M>, Chunk = <M as ChunkShape<W::One>>::Chunk>,
    W: Reorder<Labels, T>,
    M: ChunkShape<W::One>,
    F: Fn(S::Output) -> T + Send + Sync,
    T: ChunkShape<W::Arranged> + Send + 'static,
    ParallelAssembler<W::Declared, T>: Assemble<Output = T, Chunk = <T as ChunkShape<W::Arranged>>::Chunk>,
    W::Declared: Default,
{
    type Output = T;
    type Chunk = <T as ChunkShape<W::Arranged>>::Chunk;
    type Assembler = ParallelAssembler<W::Declared, T>;

    fn assembler(&self) -> Self::Assembler {
        ParallelAssembler::default()
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
        types.write::<Self::Chunk>(|any| {
            let chunk = any.downcast_ref::<Self::Chunk>()?;
            object(|see| <T as ChunkShape<W::Arranged>>::look(chunk, see))
        });
        (self.tell)(types);
    }

    filled_calls!(In, S);

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        observed_stream!(self, In, input, cx => {
            let chunks = within!(cx.in_open_run(), cx => self.step.call_stream(input, cx));
            Chunks::new(chunks.map(|chunk| chunk.map(|chunk| T::chunk(W::arrange(M::one(chunk))))))
        })
    }

    fn transform<'a, Up>(
        &'a self,
        chunks: Chunks<'a, Up::Chunk>,
        assembler: Up,
        cx: &'a Context,
    ) -> Chunks<'a, Self::Chunk>
    where
        Up: Assemble<Output = In>,
        In: 'a,
    {
        observed_transform!(self, In, chunks, cx => {
            let chunks = within!(cx.in_open_run(), cx => self.step.transform(chunks, assembler, cx));
            Chunks::new(chunks.map(|chunk| chunk.map(|chunk| T::chunk(W::arrange(M::one(chunk))))))
        })
    }
}

/// Assemblers in the order in which a map is written, to be put into the order in which the fields of `T` are declared.
pub trait Reorder<Labels, T> {
    /// The same assemblers in the order of the declaration.
    type Declared;
    /// A chunk of one of them, in the order written.
    type One;
    /// A chunk of one of them, in the order of the declaration.
    type Arranged;
    /// From the one to the other.
    fn arrange(one: Self::One) -> Self::Arranged;
}

/// A tuple of types with the one at `P` replaced.
pub trait Set<P, A> {
    /// The tuple then.
    type Out;
}

macro_rules! set {
    ($OneOf:ident; $($V:ident $at:tt),*) => {
        set!(@ [] $($V $at),*);
    };
    (@ [$($Before:ident)*] $V:ident $at:tt $(, $After:ident $after:tt)*) => {
        impl<New, $($Before,)* $V $(, $After)*> Set<At<$at>, New> for ($($Before,)* $V, $($After,)*) {
            type Out = ($($Before,)* New, $($After,)*);
        }
        set!(@ [$($Before)* $V] $($After $after),*);
    };
    (@ [$($Before:ident)*]) => {};
}
crate::util::arity::arities!(set);

macro_rules! arrange {
    ($OneOf:ident $Last:ident; $(($N:ident $A:ident $V:ident $Before:ty, $D:ident)),*) => {
        impl<T, Arranged, $($N, $A: Assemble, $D),*> Reorder<($($N,)*), T> for ($($A,)*)
        where
            $(
                T: Field<$N, Type = $A::Output>,
                $Before: Set<<T as Field<$N>>::At, $A, Out = $D>,
                $Last: Place<<T as Field<$N>>::At, Item = $A, One = Arranged>,
                Arranged: Inject<<T as Field<$N>>::At, $Last, $A::Chunk>,
            )*
        {
            type Declared = $Last;
            type One = crate::util::one_of::$OneOf<$($A::Chunk),*>;
            type Arranged = Arranged;
            fn arrange(one: Self::One) -> Arranged {
                match one {
                    $(crate::util::one_of::$OneOf::$V(chunk) => <Arranged as Inject<<T as Field<$N>>::At, $Last, $A::Chunk>>::nest(chunk),)*
                }
            }
        }
    };
}
arrange!(OneOf1 D0; (NA A A ((),), D0));
arrange!(OneOf2 D1; (NA A A ((),(),), D0), (NB B B D0, D1));
arrange!(OneOf3 D2; (NA A A ((),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2));
arrange!(OneOf4 D3; (NA A A ((),(),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2), (ND D D D2, D3));
arrange!(OneOf5 D4; (NA A A ((),(),(),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2), (ND D D D2, D3), (NE E E D3, D4));
arrange!(OneOf6 D5; (NA A A ((),(),(),(),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2), (ND D D D2, D3), (NE E E D3, D4), (NF F F D4, D5));
arrange!(OneOf7 D6; (NA A A ((),(),(),(),(),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2), (ND D D D2, D3), (NE E E D3, D4), (NF F F D4, D5), (NG G G D5, D6));
arrange!(OneOf8 D7; (NA A A ((),(),(),(),(),(),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2), (ND D D D2, D3), (NE E E D3, D4), (NF F F D4, D5), (NG G G D5, D6), (NH H H D6, D7));
arrange!(OneOf9 D8; (NA A A ((),(),(),(),(),(),(),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2), (ND D D D2, D3), (NE E E D3, D4), (NF F F D4, D5), (NG G G D5, D6), (NH H H D6, D7), (NJ J I D7, D8));
arrange!(OneOf10 D9; (NA A A ((),(),(),(),(),(),(),(),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2), (ND D D D2, D3), (NE E E D3, D4), (NF F F D4, D5), (NG G G D5, D6), (NH H H D6, D7), (NJ J I D7, D8), (NK K J D8, D9));
arrange!(OneOf11 D10; (NA A A ((),(),(),(),(),(),(),(),(),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2), (ND D D D2, D3), (NE E E D3, D4), (NF F F D4, D5), (NG G G D5, D6), (NH H H D6, D7), (NJ J I D7, D8), (NK K J D8, D9), (NL L K D9, D10));
arrange!(OneOf12 D11; (NA A A ((),(),(),(),(),(),(),(),(),(),(),(),), D0), (NB B B D0, D1), (NC C C D1, D2), (ND D D D2, D3), (NE E E D3, D4), (NF F F D4, D5), (NG G G D5, D6), (NH H H D6, D7), (NJ J I D7, D8), (NK K J D8, D9), (NL L K D9, D10), (NM M L D10, D11));
