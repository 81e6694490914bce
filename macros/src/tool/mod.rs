//! `#[tool]` on a function: a unit struct with its name that a model may call.

mod expand;
mod options;
mod parameters;

use crate::shared::diagnostics::Diagnostics;
use options::Options;
use proc_macro2::TokenStream;
use syn::{Item, spanned::Spanned};

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let diagnostics = Diagnostics::default();
    let options = Options::parse(options, &diagnostics);
    let tokens = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Fn(function)) => expand::expand(&options, function, &diagnostics),
        Ok(other) => {
            let message =
                "`#[tool]` goes on a function; a type of yours becomes a tool by `impl catena_llm::Tool for ..`";
            diagnostics.error(other.span(), message);
            item
        }
        Err(error) => {
            diagnostics.add(error);
            TokenStream::new()
        }
    };
    let errors = diagnostics.errors();
    quote::quote!(#errors #tokens)
}
