//! The name of a field as a type.

use crate::shared::name_mark;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

/// Returns a name without the `r#` of a raw identifier.
pub(crate) fn text(name: &Ident) -> String {
    name_mark::written(&name.unraw().to_string()).to_owned()
}

/// Returns `(C<'g'>, C<'p'>, C<'t'>,)` for `gpt`, the same type in every crate.
pub(crate) fn name_type(name: &Ident) -> TokenStream {
    let letters = text(name);
    let letters = letters.chars();
    quote!((#(::catena::__private::C<#letters>,)*))
}
