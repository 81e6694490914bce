//! The input of a chain as an anonymous record: `{ question: String, lang: String } => ..`.

#[cfg(feature = "schema")]
use crate::reflect::json_schema;
use crate::{
    Assemble, Chunks, Component, Configurable, Configured, Context, Fallback, FallbackWithError, Field, Graph, Keys,
    Manifest, Named, Node, Race, Result, Retried, Runnable, Settled, Spawned, StaticNamed, Step, Tap, ThenRun, Timeout,
    Types,
    combinators::parallel::{Shape, object},
    graph, manifest,
    observe::instrument::within,
    reflect::{registry, type_name},
    step::{
        call::{Call, Started},
        outcome::{MapOutcome, mapped, unchanged},
        runnable::Delegate,
    },
};
use futures_util::TryFutureExt;
use std::marker::PhantomData;

/// What makes the record that a chain names out of any that has its fields: `M` its shape, `P` a tuple of `(Name, Type)`
/// pairs, one to twelve.
pub struct InlineRecord<M, P> {
    shape: PhantomData<fn() -> (M, P)>,
}

impl<M, P, S> Delegate for OfInlineRecord<M, P, S> {
    type To = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<M, P, S, O> MapOutcome<O> for OfInlineRecord<M, P, S> {
    unchanged!(O);
}

/// A tuple of `(Name, Type)` pairs.
pub trait Pairs {
    /// The types alone.
    type Values;
}

impl<M, P> InlineRecord<M, P> {
    pub(crate) const fn new() -> Self {
        InlineRecord { shape: PhantomData }
    }

    /// For this chain.
    pub const fn of<S>(self, step: S) -> OfInlineRecord<M, P, S> {
        OfInlineRecord { step, inline_record: self }
    }
}

/// A chain over such a record. It is no step of its own: what runs, and what is drawn, is the chain.
pub struct OfInlineRecord<M, P, S> {
    step: S,
    inline_record: InlineRecord<M, P>,
}

impl<M, P, S: Clone> Clone for OfInlineRecord<M, P, S> {
    fn clone(&self) -> Self {
        InlineRecord::new().of(self.step.clone())
    }
}

impl<M, P, S: Step> Step for OfInlineRecord<M, P, S> {
    const NODE: Node = S::NODE;

    fn keys(&self, keys: &mut Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<M, P: Pairs, S> OfInlineRecord<M, P, S>
where
    M: Shape<P::Values>,
    S: Runnable<M::Record>,
    M::Record: Send,
{
    /// The context of the chain if there are observers: what the record is as JSON is known only here.
    fn told(&self, record: &M::Record, cx: &Context) -> Option<Context> {
        cx.given(|| {
            registry::learn(&mut |types| self.step.types(types));
            object(|see| M::look(record, see))
        })
    }
}

macro_rules! impl_adopt {
    ($($N:ident $T:ident),*) => {
        impl<$($N, $T),*> Pairs for ($(($N, $T),)*) {
            type Values = ($($T,)*);
        }

        impl<M, $($N, $T: Send),*> InlineRecord<M, ($(($N, $T),)*)> {
            fn record<R>(&self, input: R) -> M::Record
            where
                $(R: Field<$N, Type = $T>,)*
                M: Shape<($($T,)*)>,
            {
                let mut parts = input.into_parts();
                M::record(($(<R as Field<$N>>::take(&mut parts),)*))
            }
        }

        impl<R: Send, M: 'static, S, $($N, $T: Send),*> Runnable<R> for OfInlineRecord<M, ($(($N, $T),)*), S>
        where
            $(R: Field<$N, Type = $T>,)*
            M: Shape<($($T,)*), Record: Send + 'static>,
            S: Runnable<M::Record>,
        {
            type Output = S::Output;
            type Chunk = S::Chunk;
            type Assembler = S::Assembler;

            fn assembler(&self) -> Self::Assembler {
                self.step.assembler()
            }

            fn component(&self) -> Component {
                self.step.component()
            }

            fn types(&self, types: &mut Types) {
                types.name::<M::Record>(|| {
                    Some(type_name::record(<M as Shape<($($T,)*)>>::FIELDS, &[$(type_name::short::<$T>()),*]))
                });
                #[cfg(feature = "schema")]
                types.schema::<M::Record>(|| {
                    json_schema::record(<M as Shape<($($T,)*)>>::FIELDS, [$(registry::schema_named::<$T>()),*])
                });
                self.step.types(types);
            }

            async fn call<'a>(&'a self, input: R, cx: &'a Context) -> Result<S::Output> {
                let record = self.inline_record.record(input);
                let child = self.told(&record, cx);
                self.step.call(record, child.as_ref().unwrap_or(cx)).await
            }

            #[inline]
            fn start<'a>(&'a self, input: R, cx: &'a Context) -> Started<impl Call<'a, Self, S::Output>, S::Output> {
                mapped(self, self.step.start(self.inline_record.record(input), cx))
            }

            fn call_stream<'a>(&'a self, input: R, cx: &'a Context) -> Chunks<'a, S::Chunk>
            where
                R: 'a,
            {
                let record = self.inline_record.record(input);
                within!(self.told(&record, cx), cx => self.step.call_stream(record, cx))
            }

            fn transform<'a, Up>(&'a self, chunks: Chunks<'a, Up::Chunk>, assembler: Up, cx: &'a Context) -> Chunks<'a, S::Chunk>
            where
                Up: Assemble<Output = R>,
                R: 'a,
            {
                let input = chunks.assemble(assembler);
                Chunks::new(input.map_ok(|input| self.call_stream(input, cx)).try_flatten_stream())
            }
        }
    };
}
impl_adopt!(NA A);
impl_adopt!(NA A, NB B);
impl_adopt!(NA A, NB B, NC C);
impl_adopt!(NA A, NB B, NC C, ND D);
impl_adopt!(NA A, NB B, NC C, ND D, NE E);
impl_adopt!(NA A, NB B, NC C, ND D, NE E, NF F);
impl_adopt!(NA A, NB B, NC C, ND D, NE E, NF F, NG G);
impl_adopt!(NA A, NB B, NC C, ND D, NE E, NF F, NG G, NH H);
impl_adopt!(NA A, NB B, NC C, ND D, NE E, NF F, NG G, NH H, NJ J);
impl_adopt!(NA A, NB B, NC C, ND D, NE E, NF F, NG G, NH H, NJ J, NK K);
impl_adopt!(NA A, NB B, NC C, ND D, NE E, NF F, NG G, NH H, NJ J, NK K, NL L);
impl_adopt!(NA A, NB B, NC C, ND D, NE E, NF F, NG G, NH H, NJ J, NK K, NL L, NI I);

/// A chain over an anonymous record, or such a chain with a modifier: a step that runs on any record with certain fields.
///
/// `chain.graph()` leaves open which of these records is meant, so that it would not compile. It is the one that the chain
/// names: the methods below come before those of [`RunnableExt`](crate::RunnableExt).
#[doc(hidden)]
pub trait OverRecord {
    /// The record that the chain names.
    type Record: Send;
}

impl<M: Shape<P::Values, Record: Send>, P: Pairs, S> OverRecord for OfInlineRecord<M, P, S> {
    type Record = M::Record;
}

/// The methods that look at a chain and run nothing, for the record that the chain names.
macro_rules! looked_at {
    ([$($generics:tt)*] $Chain:ty, $Record:ty) => {
        #[doc(hidden)]
        impl<$($generics)*> $Chain
        where
            Self: Runnable<$Record> + OverRecord<Record = $Record>,
        {
            /// [`RunnableExt::graph`](crate::RunnableExt::graph), of the record that the chain names.
            pub fn graph(&self) -> Graph
            where
                $Record: 'static,
            {
                graph::of_manifest::<$Record, Self>(&self.manifest())
            }

            /// [`RunnableExt::manifest`](crate::RunnableExt::manifest), of the record that the chain names.
            pub fn manifest(&self) -> Manifest
            where
                $Record: 'static,
            {
                manifest::of_chain_over::<$Record, Self>(self, type_name::of::<$Record>)
            }

            /// [`RunnableExt::output_schema`](crate::RunnableExt::output_schema), of the record that the chain names.
            #[cfg(feature = "schema")]
            pub fn output_schema(&self) -> Option<serde_json::Value> {
                crate::RunnableExt::<$Record>::output_schema(self)
            }

            /// [`RunnableExt::input_schema`](crate::RunnableExt::input_schema), of the record that the chain names.
            #[cfg(feature = "schema")]
            pub fn input_schema(&self) -> Option<serde_json::Value>
            where
                $Record: 'static,
            {
                crate::RunnableExt::<$Record>::input_schema(self)
            }
        }
    };
}

looked_at!([M: Shape<P::Values, Record: Send>, P: Pairs, S] OfInlineRecord<M, P, S>, M::Record);

/// A modifier of such a chain is over the same record.
macro_rules! modifiers {
    ($([$($generics:tt)*] $Modifier:ty),* $(,)?) => {$(
        impl<S: OverRecord, $($generics)*> OverRecord for $Modifier {
            type Record = S::Record;
        }

        looked_at!([S: OverRecord, $($generics)*] $Modifier, S::Record);
    )*};
}

modifiers!(
    [] Named<S>,
    [X] StaticNamed<S, X>,
    [const TIMES: u32] Retried<S, TIMES>,
    [] Timeout<S>,
    [B] Fallback<S, B>,
    [B] FallbackWithError<S, B>,
    [B] Race<S, B>,
    [F] Tap<S, F>,
    [] Configured<S>,
    [T: 'static, F] Configurable<S, T, F>,
    [] Spawned<S>,
    [] ThenRun<S>,
    [] Settled<S>,
);
