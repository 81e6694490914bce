//! A field's name as a type.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

/// The name as it reads: without the `r#` of a raw identifier.
pub(crate) fn text(name: &Ident) -> String {
    name.unraw().to_string()
}

/// `(C<'g'>, C<'p'>, C<'t'>,)`, the same type in every crate.
pub(crate) fn name_type(name: &Ident) -> TokenStream {
    let letters = text(name);
    let letters = letters.chars();
    quote!((#(::catena::__private::C<#letters>,)*))
}
