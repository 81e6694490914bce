//! `#[runnable]`: on a function, on an `impl Runnable for T` block, on a function that builds a chain.

pub(crate) mod chain_fn;
mod deny;
mod docs;
mod function;
mod generator;
mod impl_block;
mod needs;
mod one_type;
pub(crate) mod options;
pub(crate) mod output;
mod recursion;
pub(crate) mod shadowing;
pub(crate) mod signature;

pub(crate) use impl_block::whole_stream;

use crate::shared::diagnostics::Diagnostics;
use chain_fn::Built;
use options::Options;
use proc_macro2::TokenStream;
use syn::{Item, spanned::Spanned};

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::default();
    let options = Options::parse(options, &diagnostics);
    let parsed = syn::parse2::<Item>(item.clone());
    let tokens = match parsed {
        Ok(Item::Fn(function)) if Built::of(&function.sig.output).is_some() => {
            options.only(&["name", "deny"], "a function that builds a chain", &diagnostics);
            Some(chain_fn::expand(&options, function, &diagnostics))
        }
        Ok(Item::Fn(function)) if generator::is(&function) => {
            options.only(&["name", "kind", "tags", "idempotent"], "a function that gives a stream", &diagnostics);
            generator::expand(&options, function, &diagnostics)
        }
        Ok(Item::Fn(function)) => {
            let allowed = ["name", "kind", "retry", "timeout", "tags", "blocking", "idempotent"];
            options.only(&allowed, "a function that is a step", &diagnostics);
            function::expand(&options, function, &diagnostics)
        }
        Ok(Item::Impl(block)) => {
            options.only(&["name", "kind", "tags", "idempotent"], "an `impl` block", &diagnostics);
            Some(impl_block::expand(&options, block, &diagnostics))
        }
        Ok(other) => {
            diagnostics.error(
                other.span(),
                "`#[runnable]` goes on a function, on an `impl Runnable<..> for ..` block, or on a function that \
                 returns `impl Runnable<..>`",
            );
            None
        }
        Err(error) => {
            diagnostics.add(error);
            Some(TokenStream::new())
        }
    };
    // After an error the item still exists, so that its uses are no further errors.
    let errors = diagnostics.errors();
    let tokens = tokens.unwrap_or(item);
    quote::quote!(#errors #tokens)
}
