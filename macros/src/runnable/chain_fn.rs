//! `#[runnable]` on a function that builds a chain: the function stays, and its chain gets its name.

use super::{deny, options::Options, recursion};
use crate::drawing::{self, Page};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

pub(crate) fn expand(options: &Options, mut function: ItemFn) -> TokenStream {
    function = recursion::refused(&function).unwrap_or(function);
    let ident = function.sig.ident.to_string();
    let name = options.name.as_deref().unwrap_or(&ident);
    let mut docs = std::mem::take(&mut function.attrs);
    Page::in_rustdoc(&ident, &mut docs, || drawing::of_function(name, &function).into_iter().collect());
    let ItemFn { vis, sig, block, .. } = function;
    let chain = deny::asked(
        &options.denied,
        quote! {
            // So that a `return` in the body returns the chain before it is named.
            #[allow(clippy::redundant_closure_call)]
            (move || #block)()
        },
    );
    quote! {
        #(#docs)*
        #vis #sig {
            ::catena::__private::Titled::of(
                {
                    struct Names;
                    #[automatically_derived]
                    impl ::catena::__private::Names for Names {
                        const NAMES: &'static [&'static ::core::primitive::str] = &[#name];
                    }
                    ::catena::__private::Words::<Names>::new()
                },
                #chain,
            )
        }
    }
}
