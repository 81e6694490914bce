//! Parameters taken by name from a record: one hidden trait per parameter, for the sake of its message.

use super::signature::{Param, Signature};
use crate::record::{name_type, text};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Generics;

/// A parameter's trait: `needs_gpt`, implemented by the records that have the field.
pub(crate) struct Need {
    pub(crate) definition: TokenStream,
    /// The trait with its arguments, as a bound.
    pub(crate) bound: TokenStream,
}

pub(crate) fn needs(step: &str, signature: &Signature) -> Vec<Need> {
    signature.params.iter().filter_map(|param| need(step, param, &signature.generics)).collect()
}

fn need(step: &str, param: &Param, generics: &Generics) -> Option<Need> {
    let name = param.name.as_ref()?;
    let (ty, field) = (&param.ty, name_type(name));
    let shown = shown(ty);
    let missing = format!("`{step}` needs a field `{}: {shown}`, which the step before it does not output", text(name));
    let label = format!("no field `{}: {shown}` in `{{Self}}`", text(name));
    let note = "the parameters of a `#[runnable]` function are taken by name from a record: a parallel map, \
                `record!`, or a struct with `#[derive(Record)]`";
    let trait_name = trait_name(name);
    let (impl_generics, arguments, bounds) = generics.split_for_impl();
    let mut with_record = generics.clone();
    with_record.params.push(syn::parse_quote!(__Record));
    with_record
        .make_where_clause()
        .predicates
        .push(syn::parse_quote!(__Record: ::catena::__private::Field<#field, Type = #ty>));
    let (record_generics, _, record_bounds) = with_record.split_for_impl();
    let definition = quote! {
        #[diagnostic::on_unimplemented(message = #missing, label = #label, note = #note)]
        pub trait #trait_name #impl_generics: ::catena::__private::Record #bounds {
            fn get(&self) -> &#ty;
            fn take(parts: &mut <Self as ::catena::__private::Record>::Parts) -> #ty;
        }
        #[diagnostic::do_not_recommend]
        impl #record_generics #trait_name #arguments for __Record #record_bounds {
            fn get(&self) -> &#ty {
                ::catena::__private::Field::<#field>::get(self)
            }
            fn take(parts: &mut <Self as ::catena::__private::Record>::Parts) -> #ty {
                <Self as ::catena::__private::Field<#field>>::take(parts)
            }
        }
    };
    Some(Need { definition, bound: quote!(#trait_name #arguments) })
}

pub(crate) fn trait_name(field: &Ident) -> Ident {
    format_ident!("needs_{}", text(field))
}

/// A type as a person writes it.
fn shown(ty: &syn::Type) -> String {
    let tokens = quote!(#ty).to_string();
    let tight = [(" <", "<"), ("< ", "<"), (" >", ">"), (" ,", ","), (" ::", "::"), (":: ", "::"), ("& ", "&")];
    let shown = tight.iter().fold(tokens, |shown, (loose, tight)| shown.replace(loose, tight));
    shown.trim_start_matches("::std::string::").trim_start_matches("::std::vec::").replace(['{', '}'], "")
}
