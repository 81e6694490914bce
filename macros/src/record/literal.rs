//! `record! { question: text, lang }`.

use super::Shape;
use crate::shared::diagnostics::Diagnostics;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Expr, Token, parse::Parser, punctuated::Punctuated};

struct Entry {
    name: Ident,
    value: Expr,
}

impl syn::parse::Parse for Entry {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        let value = if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            input.parse()?
        } else {
            syn::parse_quote!(#name)
        };
        Ok(Entry { name, value })
    }
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let entries = match Punctuated::<Entry, Token![,]>::parse_terminated.parse2(input) {
        Ok(entries) => entries,
        Err(error) => return error.into_compile_error(),
    };
    let diagnostics = Diagnostics::default();
    if entries.is_empty() {
        diagnostics.error(Span::call_site(), "a record has fields: `record! { question: text, lang }`");
    }
    let mut names: Vec<Ident> = Vec::new();
    for entry in &entries {
        if names.contains(&entry.name) {
            diagnostics.error(entry.name.span(), format!("`{}` is already a field of this record", entry.name));
        } else {
            names.push(entry.name.clone());
        }
    }
    diagnostics.or_error_block(|| {
        let form = Shape { name: "Record", fields: &names, chunks: false }.form();
        let values = entries.iter().map(|entry| &entry.value).map(|value| quote!(#value)).collect();
        let values = super::tree(values, &mut |items| quote!((#(#items,)*)));
        quote!(#form.record((#(#values,)*)))
    })
}
