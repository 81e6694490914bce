//! The input of a chain as an anonymous record: `{ question: String, lang: String } => ..`.

use crate::{Context, Field, Kind, Node, Result, Runnable, Step, Types, parallel::Shape, runnable::whole, type_name};
use std::{
    future::{Future, ready},
    marker::PhantomData,
};

/// Takes the fields it names, of the types it names, from any record that has them.
///
/// `P` is a tuple of `(Name, Type)` pairs, one to twelve.
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
}

impl<M, P> Clone for Adopt<M, P> {
    fn clone(&self) -> Self {
        Adopt::new()
    }
}

impl<M, P> Step for Adopt<M, P> {
    const NODE: Node = Node::leaf("", Kind::Passthrough);
}

macro_rules! impl_adopt {
    ($($N:ident $T:ident),*) => {
        impl<$($N, $T),*> Pairs for ($(($N, $T),)*) {
            type Values = ($($T,)*);
        }

        impl<R: Send, M: 'static, $($N, $T: Send),*> Runnable<R> for Adopt<M, ($(($N, $T),)*)>
        where
            $(R: Field<$N, Type = $T>,)*
            M: Shape<($($T,)*), Record: Send + 'static>,
        {
            type Output = M::Record;
            whole!(R);

            fn types(&self, types: &mut Types) {
                types.name::<M::Record>(|| {
                    Some(type_name::record(<M as Shape<($($T,)*)>>::FIELDS, &[$(type_name::short::<$T>()),*]))
                });
            }

            fn call<'a>(&'a self, input: R, _cx: &'a Context) -> impl Future<Output = Result<M::Record>> + Send {
                let mut parts = input.into_parts();
                ready(Ok(M::record(($(<R as Field<$N>>::take(&mut parts),)*))))
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
