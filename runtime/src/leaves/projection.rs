//! Picks and `_` on a stream: what passes on pieces of its input as they are.

use crate::{
    Assemble, At, Chunks, Component, Context, Extent, Field, Node, Result, Runnable, Step, Types,
    combinators::parallel::{ChunkShape, ParallelAssembler, Shape, Tuple, object},
    observe::instrument::{observed_stream, observed_transform},
    reflect::{json_schema, registry, type_name},
    step::{
        outcome::{MapOutcome, maps_outcome, unchanged},
        runnable::Delegate,
    },
    stream::assemble::pieces,
};
use futures_util::{StreamExt, TryFutureExt, future::ready};
use std::{future::Future, marker::PhantomData};

/// A pick or `_` that knows how the step before streams, and of each chunk whether it goes on. `chain!` makes it where it
/// can tell that step's assembler, `A`, and `K` is what goes on of its chunks.
///
/// ```
/// use catena::prelude::*;
/// use futures_util::{Stream, StreamExt, stream};
///
/// #[runnable]
/// fn letters(text: String) -> impl Stream<Item = String> {
///     stream::iter(text.chars().map(String::from).collect::<Vec<_>>())
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let chain = chain!(String => <letters: letters, size: |t| t.len()> | .letters);
/// assert_eq!(chain.stream("abc".to_owned()).count().await, 3);
/// # });
/// ```
///
/// # Streaming
/// The chunks as they come; those of other fields are left out.
pub struct Projected<S, A, K> {
    step: S,
    kind: PhantomData<fn() -> (A, K)>,
}

impl<S, A, K> Projected<S, A, K> {
    pub(crate) const fn new(step: S) -> Self {
        Projected { step, kind: PhantomData }
    }
}

impl<S: Clone, A, K> Clone for Projected<S, A, K> {
    fn clone(&self) -> Self {
        Projected::new(self.step.clone())
    }
}

/// What goes on of the chunks of an `A`.
pub trait Pieces<A: Assemble>: 'static {
    /// Puts together what goes on.
    type Assembler: Assemble + Default;
    /// The chunk, if it goes on.
    fn piece(chunk: A::Chunk) -> Option<<Self::Assembler as Assemble>::Chunk>;
    /// What is known of the types that are made for it.
    fn tell(_types: &mut Types) {}
}

/// Everything goes on.
pub struct All;

impl<A: Assemble + Default> Pieces<A> for All {
    type Assembler = A;
    fn piece(chunk: A::Chunk) -> Option<A::Chunk> {
        Some(chunk)
    }
}

/// The field of this name goes on.
pub struct FieldOf<Name>(PhantomData<fn() -> Name>);

impl<Name: 'static, A: HasField<Name, Field: Default>> Pieces<A> for FieldOf<Name> {
    type Assembler = A::Field;
    fn piece(chunk: A::Chunk) -> Option<<A::Field as Assemble>::Chunk> {
        A::of_field(chunk).ok()
    }
}

/// What goes on of what goes on: the field of a field.
impl<A: Assemble, First: Pieces<A>, Rest: Pieces<First::Assembler>> Pieces<A> for (First, Rest) {
    type Assembler = Rest::Assembler;
    fn piece(chunk: A::Chunk) -> Option<<Rest::Assembler as Assemble>::Chunk> {
        Rest::piece(First::piece(chunk)?)
    }
    fn tell(types: &mut Types) {
        First::tell(types);
        Rest::tell(types);
    }
}

/// Fields of these names go on, as chunks of shape `M`.
pub struct FieldsOf<Labels, M>(PhantomData<fn() -> (Labels, M)>);

/// An assembler whose chunks belong to fields of its output.
pub trait HasField<Name>: Assemble {
    /// Puts the field together.
    type Field: Assemble;
    /// The chunk of the field; or the chunk as it was, of another.
    ///
    /// # Errors
    /// The chunk of another field.
    fn of_field(chunk: Self::Chunk) -> std::result::Result<<Self::Field as Assemble>::Chunk, Self::Chunk>;
}

impl<Name, T, M> HasField<Name> for ParallelAssembler<T, M>
where
    Self: Assemble<Output: Field<Name>>,
    T: Place<<<Self as Assemble>::Output as Field<Name>>::At>,
    M: ChunkShape<T::One, Chunk = <Self as Assemble>::Chunk>,
{
    type Field = T::Item;
    fn of_field(chunk: Self::Chunk) -> std::result::Result<<T::Item as Assemble>::Chunk, Self::Chunk> {
        <T as Place<<Self::Output as Field<Name>>::At>>::get(M::one(chunk)).map_err(M::chunk)
    }
}

/// A tuple of assemblers, of which one stands at `P`.
pub trait Place<P> {
    /// That one.
    type Item: Assemble;
    /// A chunk of any of them.
    type One;
    /// The chunk of that one; or the chunk as it was, of another.
    ///
    /// # Errors
    /// The chunk of another.
    fn get(one: Self::One) -> std::result::Result<<Self::Item as Assemble>::Chunk, Self::One>;
}

/// Past twelve, tuples nest.
impl<T, U, P, Q> Place<(P, Q)> for T
where
    T: Place<P, Item = ParallelAssembler<U, Tuple>>,
    U: Place<Q>,
    ParallelAssembler<U, Tuple>: Assemble<Chunk = U::One>,
    T::One: Inject<P, T, U::One>,
{
    type Item = U::Item;
    type One = T::One;
    fn get(one: Self::One) -> std::result::Result<<U::Item as Assemble>::Chunk, Self::One> {
        <U as Place<Q>>::get(<T as Place<P>>::get(one)?).map_err(T::One::nest)
    }
}

/// A chunk of one of several, put in its place among them.
pub trait Inject<P, T, C> {
    /// Put it there.
    fn nest(chunk: C) -> Self;
}

macro_rules! places {
    ($OneOf:ident; $($V:ident $at:tt),*) => {
        places!(@ $OneOf [$($V),*] $($V $at),*);
    };
    (@ $OneOf:ident $all:tt $($V:ident $at:tt),*) => {
        $(places!(@one $OneOf $all $V $at);)*
    };
    (@one $OneOf:ident [$($A:ident),*] $V:ident $at:tt) => {
        impl<$($A: Assemble),*> Place<At<$at>> for ($($A,)*) {
            type Item = $V;
            type One = crate::util::one_of::$OneOf<$($A::Chunk),*>;
            fn get(one: Self::One) -> std::result::Result<$V::Chunk, Self::One> {
                match one {
                    crate::util::one_of::$OneOf::$V(chunk) => Ok(chunk),
                    #[allow(unreachable_patterns)]
                    other => Err(other),
                }
            }
        }

        impl<$($A: Assemble),*> Inject<At<$at>, ($($A,)*), $V::Chunk> for crate::util::one_of::$OneOf<$($A::Chunk),*> {
            fn nest(chunk: $V::Chunk) -> Self {
                crate::util::one_of::$OneOf::$V(chunk)
            }
        }
    };
}
crate::util::arity::arities!(places);

macro_rules! fields_of {
    ($OneOf:ident; $($V:ident $at:tt),*) => {
        impl<$($V: 'static,)* Up, M: 'static> Pieces<Up> for FieldsOf<($($V,)*), M>
        where
            Up: Assemble $(+ HasField<$V, Field: Default>)*,
            M: Shape<($(<<Up as HasField<$V>>::Field as Assemble>::Output,)*), Record: Send + 'static>
                + ChunkShape<crate::util::one_of::$OneOf<$(<<Up as HasField<$V>>::Field as Assemble>::Chunk),*>>,
        {
            type Assembler = ParallelAssembler<($(<Up as HasField<$V>>::Field,)*), M>;
            fn piece(chunk: Up::Chunk) -> Option<<Self::Assembler as Assemble>::Chunk> {
                $(let chunk = match <Up as HasField<$V>>::of_field(chunk) {
                    Ok(chunk) => return Some(M::chunk(crate::util::one_of::$OneOf::$V(chunk))),
                    Err(chunk) => chunk,
                };)*
                drop(chunk);
                None
            }
            fn tell(types: &mut Types) {
                types.schema::<<Self::Assembler as Assemble>::Output>(|| {
                    let fields = <M as Shape<($(<<Up as HasField<$V>>::Field as Assemble>::Output,)*)>>::FIELDS;
                    json_schema::record(fields, [$(registry::schema_of::<<<Up as HasField<$V>>::Field as Assemble>::Output>()),*])
                });
                types.name::<<Self::Assembler as Assemble>::Output>(|| {
                    let fields = <M as Shape<($(<<Up as HasField<$V>>::Field as Assemble>::Output,)*)>>::FIELDS;
                    let names = [$(type_name::of::<<<Up as HasField<$V>>::Field as Assemble>::Output>()),*];
                    Some(type_name::record(fields, &names))
                });
                types.write::<<Self::Assembler as Assemble>::Output>(|any| {
                    let record = any.downcast_ref::<<Self::Assembler as Assemble>::Output>()?;
                    object(|see| {
                        <M as Shape<($(<<Up as HasField<$V>>::Field as Assemble>::Output,)*)>>::look(record, see);
                    })
                });
                types.write::<<Self::Assembler as Assemble>::Chunk>(|any| {
                    let chunk = any.downcast_ref::<<Self::Assembler as Assemble>::Chunk>()?;
                    object(|see| {
                        <M as ChunkShape<crate::util::one_of::$OneOf<$(<<Up as HasField<$V>>::Field as Assemble>::Chunk),*>>>
                            ::look(chunk, see);
                    })
                });
            }
        }
    };
}
crate::util::arity::arities!(fields_of);

impl<S: Step, A, K> Step for Projected<S, A, K> {
    const NODE: Node = S::NODE.streaming(Extent::Pieces, Extent::Same);
}

impl<S, A, K> Delegate for Projected<S, A, K> {
    type To = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<S, A, K, O> MapOutcome<O> for Projected<S, A, K> {
    unchanged!(O);
}

#[diagnostic::do_not_recommend]
impl<S, A, K> Runnable<<A as Assemble>::Output> for Projected<S, A, K>
where
    A: Assemble,
    K: Pieces<A>,
    S: Runnable<A::Output, Output = <K::Assembler as Assemble>::Output>,
{
    type Output = S::Output;
    type Chunk = <K::Assembler as Assemble>::Chunk;
    type Assembler = K::Assembler;

    fn assembler(&self) -> Self::Assembler {
        K::Assembler::default()
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
        K::tell(types);
    }

    fn component(&self) -> Component {
        let mut component = self.step.component();
        (component.takes, component.gives) = (Extent::Pieces, Extent::Same);
        component
    }

    fn input_json(&self, input: &A::Output) -> Option<serde_json::Value> {
        self.step.input_json(input)
    }

    fn call<'a>(&'a self, input: A::Output, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        self.step.call(input, cx)
    }

    fn call_ref<'a>(
        &'a self,
        input: &'a A::Output,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Self::Output>> + Send
    where
        A::Output: Clone + Sync,
    {
        self.step.call_ref(input, cx)
    }

    maps_outcome!(A::Output);

    fn call_stream<'a>(&'a self, input: A::Output, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        A::Output: 'a,
    {
        observed_stream!(self, A::Output, input, cx => {
            let output = async move {
                match cx.in_open_run() {
                    None => self.step.call(input, cx).await,
                    Some(cx) => self.step.call(input, &cx).await,
                }
            };
            Chunks::new(output.map_ok(|output| pieces(&K::Assembler::default(), output)).try_flatten_stream())
        })
    }

    fn transform<'a, Up>(
        &'a self,
        chunks: Chunks<'a, Up::Chunk>,
        assembler: Up,
        cx: &'a Context,
    ) -> Chunks<'a, Self::Chunk>
    where
        Up: Assemble<Output = A::Output>,
        A::Output: 'a,
    {
        let chunks = match chunks.alike::<Up, A>() {
            Ok(chunks) => {
                return observed_transform!(self, A::Output, chunks, cx => {
                    let _ = cx;
                    Chunks::new(chunks.filter_map(|chunk| {
                        ready(match chunk {
                            Ok(chunk) => K::piece(chunk).map(Ok),
                            Err(error) => Some(Err(error)),
                        })
                    }))
                });
            }
            Err(chunks) => chunks,
        };
        Chunks::open(async move { Ok(self.call_stream(chunks.assemble(assembler).await?, cx)) })
    }
}
