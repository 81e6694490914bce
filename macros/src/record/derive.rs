//! `#[derive(Record)]`.

use super::shape::record_impls;
use crate::diagnostics::Diagnostics;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Fields, Type, spanned::Spanned};

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let diagnostics = Diagnostics::default();
    let mut fields: Vec<(&Ident, &Type)> = Vec::new();
    match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => {
                fields.extend(named.named.iter().filter_map(|field| Some((field.ident.as_ref()?, &field.ty))));
            }
            other => {
                let span = if matches!(other, Fields::Unit) { item.ident.span() } else { other.span() };
                diagnostics.error(span, "a `Record` has named fields: `struct Question { text: String }`");
            }
        },
        Data::Enum(data) => diagnostics.error(
            data.enum_token.span,
            "a `Record` is a struct: the steps of a chain take an enum apart with `match { .. }`",
        ),
        Data::Union(data) => diagnostics.error(data.union_token.span, "a `Record` is a struct with named fields"),
    }
    diagnostics.or_errors(|| {
        let (generics, arguments, bounds) = item.generics.split_for_impl();
        let name = &item.ident;
        let (names, types): (Vec<Ident>, Vec<&Type>) = fields.into_iter().map(|(n, t)| (n.clone(), t)).unzip();
        record_impls(&quote!(#generics), &quote!(#name #arguments), &quote!(#bounds), &names, &types)
    })
}
