//! Branches over the same input at once: `<gpt: .., claude: ..>`.
//!
//! | file | contents |
//! |---|---|
//! | [`call`] | the branches of a call, polled in place |
//! | [`merge`] | the chunks of all branches as one stream |
//! | [`tee`] | one stream for several branches |
//! | [`named_branch`] | a branch whose errors and runs carry the name of its field |

mod call;
mod merge;
pub(crate) mod named_branch;
pub(crate) mod tee;

use crate::{
    Assemble, Chunks, Component, Context, Node, Result, Runnable, Step, Types,
    combinators::parallel::tee::Tee,
    observe::instrument::{boxed, observed_call, observed_stream, observed_transform, within},
    reflect::{copier::Copier, json_schema, registry, type_name},
    run::concurrency::{Gate, gated, in_place},
    step::{
        call::{Call, Placed, Started, future_of_ref, never},
        runnable::lent,
        shared_input::ShareInput,
    },
    stream::assemble::By,
    util::one_of::{
        CopyPart, OneOf, OneOf1, OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, OneOf9, OneOf10, OneOf11,
        OneOf12,
    },
};
use serde_json::{Map, Value};
use std::{
    any::{Any, TypeId},
    marker::PhantomData,
};

/// Branches that run concurrently on the same input, as a tuple of one to twelve; `chain!` nests past that.
///
/// Every branch is lent the input, so a branch that only reads copies nothing. `call` allocates nothing of its own: the
/// branches are polled in place, within the caller's task. The first failure drops the other branches and is the error.
///
/// `M` is the [`Shape`] of the output: a tuple, or the struct that `chain!` makes of the field names.
///
/// ```
/// use catena::{parallel, prelude::*};
///
/// #[runnable]
/// fn length(text: &str) -> usize { text.len() }
/// #[runnable]
/// fn words(text: &str) -> usize { text.split_whitespace().count() }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(parallel((length, words)).invoke("to be".to_owned()).await?, (5, 2));
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// The chunks of all branches in order of arrival, each tagged with its branch.
///
/// The chunks of the step before go to every branch as they come, where they can be copied: where they are `Clone`, in a
/// `chain!`, else where their assembler [duplicates](Assemble::duplicate) them. The branches read in step: the next chunk
/// is read when every branch has taken the one before the last, so that one chunk is held for each branch at most, and the
/// slowest branch sets the pace. A branch that ends, or that needs no more input, sets none. Where chunks cannot be copied,
/// the map waits for its whole input. A failure of the step before is the map's, not that of its branches, settled or not.
pub struct Parallel<T, M = Tuple> {
    branches: T,
    copier: Option<Copier>,
    shape: PhantomData<fn() -> M>,
}

/// Branches over the same input at once, without a macro: a tuple of one to twelve.
pub const fn parallel<T>(branches: T) -> Parallel<T> {
    Parallel { branches, copier: None, shape: PhantomData }
}

impl<T, M> Parallel<T, M> {
    /// With an output of this form.
    pub const fn of(_: Form<M>, branches: T) -> Self {
        Parallel { branches, copier: None, shape: PhantomData }
    }

    /// For an input whose chunks are copied like this.
    pub const fn copying(mut self, copier: Option<Copier>) -> Self {
        self.copier = copier;
        self
    }
}

impl<T: Clone, M> Clone for Parallel<T, M> {
    fn clone(&self) -> Self {
        Parallel { branches: self.branches.clone(), copier: self.copier, shape: PhantomData }
    }
}

/// How the outputs of the branches, a tuple `T`, make the output of the whole.
pub trait Shape<T> {
    /// The output.
    type Record;
    /// The names of its fields, where it has names.
    const FIELDS: &'static [&'static str] = &[];
    /// Put it together.
    fn record(values: T) -> Self::Record;
    /// Take it apart.
    fn values(record: Self::Record) -> T;
    /// Show its fields, by name.
    fn look(_record: &Self::Record, _see: &mut dyn FnMut(&'static str, &dyn Any)) {}
}

/// The fields that are shown, as a JSON object. `None` if one of them cannot be written: a part would look like the whole.
pub(crate) fn object(show: impl FnOnce(&mut dyn FnMut(&'static str, &dyn Any))) -> Option<Value> {
    let mut fields = Some(Map::new());
    show(&mut |name, value| {
        fields = fields.take().zip(registry::json(value)).map(|(mut fields, value)| {
            fields.insert(name.to_owned(), value);
            fields
        });
    });
    fields.filter(|fields| !fields.is_empty()).map(Value::Object)
}

/// How the branches' chunks, a `OneOf..`, are tagged.
pub trait ChunkShape<T> {
    /// The tagged chunk.
    type Chunk: Send + 'static;
    /// Tag it.
    fn chunk(one: T) -> Self::Chunk;
    /// The chunk and its place.
    fn one(chunk: Self::Chunk) -> T;
    /// Show it, by its field's name.
    fn look(_chunk: &Self::Chunk, _see: &mut dyn FnMut(&'static str, &dyn Any)) {}
    /// Copy it, given a way to copy the chunk of each branch.
    fn copy(chunk: &Self::Chunk, copy: &mut CopyPart<'_>) -> Option<Self::Chunk>;
}

/// Stands for a shape where a value is easier to pass than a type.
pub struct Form<M>(PhantomData<fn() -> M>);

#[allow(clippy::new_without_default)]
impl<M> Form<M> {
    /// The form of shape `M`.
    pub const fn new() -> Self {
        Form(PhantomData)
    }

    /// A record of this form.
    pub fn record<T>(self, values: T) -> M::Record
    where
        M: Shape<T>,
    {
        M::record(values)
    }
}

impl<M> Clone for Form<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Form<M> {}

/// The plain shape: a tuple of outputs, and chunks told apart by their place.
pub struct Tuple;

impl<T: Send + 'static> Shape<T> for Tuple {
    type Record = T;
    fn record(values: T) -> T {
        values
    }
    fn values(record: T) -> T {
        record
    }
}

impl<T: OneOf + Send + 'static> ChunkShape<T> for Tuple {
    type Chunk = T;
    fn copy(chunk: &T, copy: &mut CopyPart<'_>) -> Option<T> {
        chunk.copy(copy)
    }
    fn chunk(one: T) -> T {
        one
    }
    fn one(chunk: T) -> T {
        chunk
    }
}

/// Assembles every branch's chunks apart, then puts the outputs together.
pub struct ParallelAssembler<T, M> {
    branches: T,
    shape: PhantomData<fn() -> M>,
}

impl<T: Default, M> Default for ParallelAssembler<T, M> {
    fn default() -> Self {
        ParallelAssembler { branches: T::default(), shape: PhantomData }
    }
}

macro_rules! impl_parallel {
    ($module:ident $OneOf:ident; $($B:ident $at:tt),*) => {
        impl<$($B: Step,)* M> Step for Parallel<($($B,)*), M> {
            const NODE: Node = Node::Parallel(&[$($B::NODE),*]);

            fn keys(&self, keys: &mut crate::Keys) {
                $(self.branches.$at.keys(keys);)*
            }
        }

        impl<In: ShareInput + Send, $($B: Runnable<In>,)* M: 'static> Runnable<In> for Parallel<($($B,)*), M>
        where
            M: Shape<($($B::Output,)*), Record: Send + 'static> + ChunkShape<$OneOf<$($B::Chunk),*>>,
        {
            type Output = <M as Shape<($($B::Output,)*)>>::Record;
            type Chunk = <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::Chunk;
            type Assembler = ParallelAssembler<($($B::Assembler,)*), M>;

            fn assembler(&self) -> Self::Assembler {
                ParallelAssembler { branches: ($(self.branches.$at.assembler(),)*), shape: PhantomData }
            }

            lent!(In);

            async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output> {
                if !cx.is_observed() {
                    return future_of_ref(self, input, cx).await;
                }
                observed_call!(self, input, cx => {
                    let gate = Gate::of(cx);
                    let values = futures_util::try_join!($(async {
                        let child = cx.placed();
                        let cx = child.as_ref().unwrap_or(cx);
                        in_place(gate.as_ref(), || self.branches.$at.call_ref(input, cx)).await
                    }),*)?;
                    Ok(<M as Shape<($($B::Output,)*)>>::record(values))
                })
            }

            fn start_ref<'a>(
                &'a self,
                input: &'a In,
                cx: &'a Context,
            ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
                let join = |parallel| call::$module::join(parallel, input, cx);
                if never(&join) || cx.limit().is_none() {
                    return Placed::free(join(self));
                }
                Placed::boxed(boxed(move || async move {
                    let gate = Gate::of(cx);
                    let values = futures_util::try_join!($(async {
                        let child = cx.placed();
                        let cx = child.as_ref().unwrap_or(cx);
                        in_place(gate.as_ref(), || future_of_ref(&self.branches.$at, input, cx)).await
                    }),*)?;
                    Ok(<M as Shape<($($B::Output,)*)>>::record(values))
                }))
            }

            fn types(&self, types: &mut Types) {
                $(self.branches.$at.types(types);)*
                types.schema::<Self::Output>(|| {
                    json_schema::record(<M as Shape<($($B::Output,)*)>>::FIELDS, [$(registry::schema_of::<$B::Output>()),*])
                });
                types.name::<Self::Output>(|| {
                    let fields = <M as Shape<($($B::Output,)*)>>::FIELDS;
                    (!fields.is_empty()).then(|| type_name::record(fields, &[$(type_name::of::<$B::Output>()),*]))
                });
                types.write::<Self::Output>(|any| {
                    let record = any.downcast_ref::<Self::Output>()?;
                    object(|see| <M as Shape<($($B::Output,)*)>>::look(record, see))
                });
                types.write::<Self::Chunk>(|any| {
                    let chunk = any.downcast_ref::<Self::Chunk>()?;
                    object(|see| <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::look(chunk, see))
                });
            }

            fn component(&self) -> Component {
                let group = TypeId::of::<M>() == TypeId::of::<Tuple>();
                let branches = vec![$(self.branches.$at.component()),*];
                Component::parallel(branches, group).giving::<Self::Output>()
            }

            fn input_json(&self, input: &In) -> Option<Value> {
                None$(.or_else(|| self.branches.$at.input_json(input)))*
            }

            fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
            where
                In: 'a,
            {
                observed_stream!(self, In, input, cx => self.merged(input, cx))
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
                observed_transform!(self, In, chunks, cx => self.teed(chunks, assembler, cx))
            }
        }

        impl<$($B,)* M: 'static> Parallel<($($B,)*), M> {
            /// The branches' chunks as they come.
            fn merged<'a, In>(
                &'a self,
                input: In,
                cx: &'a Context,
            ) -> Chunks<'a, <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::Chunk>
            where
                In: ShareInput + Send + 'a,
                $($B: Runnable<In>,)*
                M: Shape<($($B::Output,)*), Record: Send + 'static> + ChunkShape<$OneOf<$($B::Chunk),*>>,
            {
                let tag = <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::chunk;
                if cx.is_observed() || cx.limit().is_some() {
                    let gate = Gate::of(cx);
                    let branches = ($({
                        let input = input.clone();
                        gated(gate.as_ref(), move || within!(cx.placed(), cx => self.branches.$at.call_stream(input, cx)))
                    },)*);
                    return Chunks::new(merge::$module::merge(branches, tag));
                }
                let branches = ($(self.branches.$at.stream_unobserved(input.clone(), cx),)*);
                Chunks::new(merge::$module::merge(branches, tag))
            }

            /// The same, each fed with the chunks of the step before; where these cannot be copied, when all are there.
            fn teed<'a, In, Up>(
                &'a self,
                chunks: Chunks<'a, Up::Chunk>,
                assembler: Up,
                cx: &'a Context,
            ) -> Chunks<'a, <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::Chunk>
            where
                In: ShareInput + Send + 'a,
                Up: Assemble<Output = In>,
                $($B: Runnable<In>,)*
                M: Shape<($($B::Output,)*), Record: Send + 'static> + ChunkShape<$OneOf<$($B::Chunk),*>>,
            {
                const BRANCHES: usize = [$($at),*].len();
                // What comes in one is no stream. And under a limit, a branch that waits for its turn would hold up those
                // that read.
                if Up::WHOLE || cx.limit().is_some() {
                    let whole = chunks.assemble(assembler);
                    return Chunks::open(async move { Ok(self.merged(whole.await?, cx)) });
                }
                let tee = match Tee::<_, BRANCHES>::new(chunks, assembler, self.copier) {
                    Ok(tee) => tee,
                    Err((chunks, assembler)) => {
                        let whole = chunks.assemble(assembler);
                        return Chunks::open(async move { Ok(self.merged(whole.await?, cx)) });
                    }
                };
                let branches = ($(match tee.reader($at) {
                    Ok((chunks, assembler)) => self.branches.$at.transform(chunks, assembler, cx),
                    Err(error) => Chunks::once(std::future::ready(Err(error))),
                },)*);
                let tag = <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::chunk;
                Chunks::new(tee.guard(merge::$module::merge(branches, tag)))
            }
        }

        impl<$($B: Assemble,)* M: 'static> Assemble for ParallelAssembler<($($B,)*), M>
        where
            M: Shape<($($B::Output,)*), Record: Send + 'static> + ChunkShape<$OneOf<$($B::Chunk),*>>,
        {
            type Chunk = <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::Chunk;
            type Output = <M as Shape<($($B::Output,)*)>>::Record;

            fn push(&mut self, chunk: Self::Chunk) {
                match <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::one(chunk) {
                    $($OneOf::$B(chunk) => self.branches.$at.push(chunk),)*
                }
            }

            fn finish(self) -> Result<Self::Output> {
                Ok(<M as Shape<($($B::Output,)*)>>::record(($(self.branches.$at.finish()?,)*)))
            }

            fn split(&self, output: Self::Output, emit: &mut dyn FnMut(Self::Chunk)) {
                let values = <M as Shape<($($B::Output,)*)>>::values(output);
                let tag = <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::chunk;
                $(self.branches.$at.split(values.$at, &mut |chunk| emit(tag($OneOf::$B(chunk))));)*
            }

            fn duplicate(&self, chunk: &Self::Chunk) -> Option<Self::Chunk> {
                <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::copy(chunk, &mut |path, part, copy| {
                    self.copy_part(path, part, copy, By::Assembler);
                })
            }

            fn duplicates(&self) -> bool {
                $(self.branches.$at.duplicates())&&*
            }

            fn known_copy(&self, chunk: &Self::Chunk) -> Option<Self::Chunk> {
                <M as ChunkShape<$OneOf<$($B::Chunk),*>>>::copy(chunk, &mut |path, part, copy| {
                    self.copy_part(path, part, copy, By::Knowledge);
                })
            }

            fn copy_part(&self, path: &[usize], part: &dyn Any, copy: &mut dyn Any, by: By) {
                match path.split_first() {
                    $(Some(($at, path)) => self.branches.$at.copy_part(path, part, copy, by),)*
                    _ => {
                        if let (Some(chunk), Some(copy)) = (part.downcast_ref(), copy.downcast_mut()) {
                            *copy = match by {
                                By::Assembler => self.duplicate(chunk),
                                By::Knowledge => self.known_copy(chunk),
                            };
                        }
                    }
                }
            }

            fn fork(&self) -> Option<Self> {
                Some(ParallelAssembler { branches: ($(self.branches.$at.fork()?,)*), shape: PhantomData })
            }
        }
    };
}
impl_parallel!(one OneOf1; A 0);
impl_parallel!(two OneOf2; A 0, B 1);
impl_parallel!(three OneOf3; A 0, B 1, C 2);
impl_parallel!(four OneOf4; A 0, B 1, C 2, D 3);
impl_parallel!(five OneOf5; A 0, B 1, C 2, D 3, E 4);
impl_parallel!(six OneOf6; A 0, B 1, C 2, D 3, E 4, F 5);
impl_parallel!(seven OneOf7; A 0, B 1, C 2, D 3, E 4, F 5, G 6);
impl_parallel!(eight OneOf8; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
impl_parallel!(nine OneOf9; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
impl_parallel!(ten OneOf10; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
impl_parallel!(eleven OneOf11; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
impl_parallel!(twelve OneOf12; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
