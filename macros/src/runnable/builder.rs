//! `#[runnable]` on a function that builds a chain: the function stays, and its chain goes by its name.

use super::{deny, options::Options};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

pub(crate) fn expand(options: &Options, function: ItemFn) -> TokenStream {
    let ItemFn { attrs, vis, sig, block, .. } = function;
    let name = options.name.clone().unwrap_or_else(|| sig.ident.to_string());
    let chain = deny::asked(
        &options.denied,
        quote! {
            // So that `return` in it returns the chain, not what is made of it here.
            #[allow(clippy::redundant_closure_call)]
            (move || #block)()
        },
    );
    quote! {
        #(#attrs)*
        #vis #sig {
            ::catena::__private::Titled::of(
                {
                    struct Names;
                    #[automatically_derived]
                    impl ::catena::__private::Names for Names {
                        const NAMES: &'static [&'static str] = &[#name];
                    }
                    ::catena::__private::Words::<Names>::new()
                },
                #chain,
            )
        }
    }
}
