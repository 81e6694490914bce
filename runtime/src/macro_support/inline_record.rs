//! The input of a chain as an anonymous record: `{ question: String, lang: String } => ..`.

use crate::{
    Assemble, Chunks, Component, Context, Field, Keys, Node, Result, Runnable, Step, Types,
    combinators::parallel::{Shape, object},
    observe::instrument::within,
    reflect::{registry, type_name},
};
use futures_util::TryFutureExt;
use std::{future::Future, marker::PhantomData};

/// What makes the record that a chain names out of any that has its fields: `M` its shape, `P` a tuple of `(Name, Type)`
/// pairs, one to twelve.
pub struct Adopt<M, P> {
    shape: PhantomData<fn() -> (M, P)>,
}

/// A tuple of `(Name, Type)` pairs.
pub trait Pairs {
    /// The types alone.
    type Values;
}

impl<M, P> Adopt<M, P> {
    pub(crate) const fn new() -> Self {
        Adopt { shape: PhantomData }
    }

    /// For this chain.
    pub const fn of<S>(self, step: S) -> Adopted<M, P, S> {
        Adopted { step, adopt: self }
    }
}

/// A chain over such a record. It is no step of its own: what runs, and what is drawn, is the chain.
pub struct Adopted<M, P, S> {
    step: S,
    adopt: Adopt<M, P>,
}

impl<M, P, S: Clone> Clone for Adopted<M, P, S> {
    fn clone(&self) -> Self {
        Adopt::new().of(self.step.clone())
    }
}

impl<M, P, S: Step> Step for Adopted<M, P, S> {
    const NODE: Node = S::NODE;

    fn keys(&self, keys: &mut Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<M, P: Pairs, S> Adopted<M, P, S>
where
    M: Shape<P::Values>,
    S: Runnable<M::Record>,
    M::Record: Send,
{
    /// The context of the chain if there are observers: what the record is as JSON is known only here.
    fn told(&self, record: &M::Record, cx: &Context) -> Option<Context> {
        cx.given(|| {
            registry::learn(|types| self.step.types(types));
            object(|see| M::look(record, see))
        })
    }
}

macro_rules! impl_adopt {
    ($($N:ident $T:ident),*) => {
        impl<$($N, $T),*> Pairs for ($(($N, $T),)*) {
            type Values = ($($T,)*);
        }

        impl<M, $($N, $T: Send),*> Adopt<M, ($(($N, $T),)*)> {
            fn record<R>(&self, input: R) -> M::Record
            where
                $(R: Field<$N, Type = $T>,)*
                M: Shape<($($T,)*)>,
            {
                let mut parts = input.into_parts();
                M::record(($(<R as Field<$N>>::take(&mut parts),)*))
            }
        }

        impl<R: Send, M: 'static, S, $($N, $T: Send),*> Runnable<R> for Adopted<M, ($(($N, $T),)*), S>
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
                self.step.types(types);
            }

            async fn call<'a>(&'a self, input: R, cx: &'a Context) -> Result<S::Output> {
                let record = self.adopt.record(input);
                let child = self.told(&record, cx);
                self.step.call(record, child.as_ref().unwrap_or(cx)).await
            }

            fn call_unobserved<'a>(&'a self, input: R, cx: &'a Context) -> impl Future<Output = Result<S::Output>> + Send {
                self.step.call_unobserved(self.adopt.record(input), cx)
            }

            const IMMEDIATE: bool = S::IMMEDIATE;

            #[inline]
            fn immediate(&self, input: R, cx: &Context) -> Result<S::Output> {
                self.step.immediate(self.adopt.record(input), cx)
            }

            fn call_stream<'a>(&'a self, input: R, cx: &'a Context) -> Chunks<'a, S::Chunk>
            where
                R: 'a,
            {
                let record = self.adopt.record(input);
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
