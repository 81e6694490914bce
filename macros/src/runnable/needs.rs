//! Parameters taken by name from a record. Each has a hidden trait, for the sake of its error message.
//!
//! The parts of the record implement the trait. A type that is not a record has no parts, which is one error and not
//! one per parameter.

use super::signature::{Param, Signature};
use crate::{
    record::{name_type, text},
    shared::{respan::respan, source_text},
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Generics, WherePredicate};

/// The trait of a parameter: `needs_gpt`, implemented for records that have the field.
pub(crate) struct Need {
    pub(crate) definition: TokenStream,
    /// The bound that a record has the field.
    pub(crate) bound: WherePredicate,
}

pub(crate) fn needs(step: &str, at: Span, signature: &Signature) -> Vec<Need> {
    signature.params.iter().filter_map(|param| need(step, at, param, &signature.generics)).collect()
}

fn need(step: &str, at: Span, param: &Param, generics: &Generics) -> Option<Need> {
    let name = param.name.as_ref()?;
    let (ty, field) = (&param.ty, name_type(name));
    let shown = shown(ty);
    let missing = format!("`{step}` needs a field `{}: {shown}`, which the step before it does not output", text(name));
    let label = format!("no field `{}: {shown}` in `{{__Record}}`", text(name));
    let note = "the parameters of a `#[runnable]` function are taken by name from a record: a parallel map, \
                `record!`, or a struct with `#[derive(Record)]`";
    let trait_name = trait_name(name);
    let mut of_record = generics.clone();
    of_record.params.push(syn::parse_quote!(__Record));
    let (impl_generics, arguments, bounds) = of_record.split_for_impl();
    let mut with_parts = of_record.clone();
    with_parts.params.push(syn::parse_quote!(__Parts));
    with_parts.make_where_clause().predicates.push(syn::parse_quote!(
        __Record: ::catena::__private::Record<Parts = __Parts> + ::catena::__private::Field<#field, Type = #ty>
    ));
    let (parts_generics, _, parts_bounds) = with_parts.split_for_impl();
    let definition = quote! {
        #[diagnostic::on_unimplemented(message = #missing, label = #label, note = #note)]
        pub trait #trait_name #impl_generics #bounds {
            fn get(__record: &__Record) -> &#ty;
            fn take(__parts: &mut Self) -> #ty;
        }
        #[diagnostic::do_not_recommend]
        impl #parts_generics #trait_name #arguments for __Parts #parts_bounds {
            fn get(__record: &__Record) -> &#ty {
                ::catena::__private::Field::<#field>::get(__record)
            }
            fn take(__parts: &mut Self) -> #ty {
                <__Record as ::catena::__private::Field<#field>>::take(__parts)
            }
        }
    };
    // At the name of the step, so that the compiler shows one line for both.
    let bound = respan(quote!(<__Record as ::catena::__private::Record>::Parts: #trait_name #arguments), at);
    let bound = syn::parse_quote!(#bound);
    Some(Need { definition, bound })
}

/// Returns the trait of a field, as the parts of the record implement it.
pub(crate) fn of_parts(name: &Ident, generics: &Generics) -> TokenStream {
    let mut of_record = generics.clone();
    of_record.params.push(syn::parse_quote!(__Record));
    let (trait_name, arguments) = (trait_name(name), of_record.split_for_impl().1);
    quote!(<<__Record as ::catena::__private::Record>::Parts as #trait_name #arguments>)
}

fn trait_name(field: &Ident) -> Ident {
    format_ident!("needs_{}", text(field))
}

/// Returns a type as a person writes it.
fn shown(ty: &syn::Type) -> String {
    let shown = source_text::ty(quote!(#ty));
    shown.trim_start_matches("::std::string::").trim_start_matches("::std::vec::").replace(['{', '}'], "")
}
