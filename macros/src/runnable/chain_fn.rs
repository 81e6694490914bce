//! `#[runnable]` on a function that builds a chain: the function stays, and its chain gets its name.

use super::{deny, one_type, options::Options, recursion};
use crate::{
    drawing::{self, Page},
    shared::diagnostics::Diagnostics,
};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, ItemFn, PathArguments, ReturnType, Type, TypeImplTrait, TypeParamBound};

/// The return type of a function that builds a chain.
#[derive(Clone, Copy)]
pub(crate) struct Built<'a> {
    /// The `impl Runnable<..>`.
    pub(crate) chain: &'a TypeImplTrait,
    /// `true` for `Result<impl Runnable<..>, ..>`.
    fallible: bool,
}

impl<'a> Built<'a> {
    /// Returns `None` if the function builds no chain.
    pub(crate) fn of(output: &'a ReturnType) -> Option<Self> {
        let ReturnType::Type(_, ty) = output else { return None };
        let (ty, fallible) = match &**ty {
            Type::Path(path) => {
                let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
                let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
                let Some(GenericArgument::Type(ty)) = arguments.args.first() else { return None };
                (ty, true)
            }
            ty => (ty, false),
        };
        let Type::ImplTrait(chain) = ty else { return None };
        let is_runnable = |bound: &TypeParamBound| match bound {
            TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| last.ident == "Runnable"),
            _ => false,
        };
        chain.bounds.iter().any(is_runnable).then_some(Built { chain, fallible })
    }
}

pub(crate) fn expand(options: &Options, mut function: ItemFn, diagnostics: &Diagnostics) -> TokenStream {
    let (fallible, chain) =
        Built::of(&function.sig.output).map_or((false, None), |built| (built.fallible, Some(built.chain.clone())));
    one_type::check(&mut function, chain.as_ref(), diagnostics);
    function = recursion::refused(&function).unwrap_or(function);
    let ident = function.sig.ident.to_string();
    let name = options.name.as_deref().unwrap_or(&ident);
    let mut docs = std::mem::take(&mut function.attrs);
    Page::in_rustdoc(&ident, &mut docs, || drawing::of_function(name, &function).into_iter().collect());
    let ItemFn { vis, sig, block, .. } = function;
    // So that a `return` or a `?` in the body returns before the chain is named.
    let body = if sig.asyncness.is_some() {
        quote!(async move #block.await)
    } else {
        quote! {
            #[allow(clippy::redundant_closure_call)]
            (move || #block)()
        }
    };
    let titled = |chain: TokenStream| {
        let chain = deny::asked(&options.denied, chain);
        quote! {
            ::catena::__private::StaticNamed::of(
                {
                    struct Labels;
                    #[automatically_derived]
                    impl ::catena::__private::Labels for Labels {
                        const NAMES: &'static [&'static ::core::primitive::str] = &[#name];
                    }
                    ::catena::__private::LabelsOf::<Labels>::new()
                },
                #chain,
            )
        }
    };
    let chain = if fallible {
        let chain = titled(quote!(__chain));
        quote!(::core::result::Result::map(#body, |__chain| #chain))
    } else {
        titled(body)
    };
    quote! {
        #(#docs)*
        #vis #sig {
            #chain
        }
    }
}
