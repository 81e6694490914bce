//! `#[derive(Record)]`.

use super::{
    generated::{copy, locals, record_impls, serialize_chunk},
    text, variant,
};
use crate::shared::diagnostics::Diagnostics;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use std::collections::HashSet;
use syn::{Data, DeriveInput, Fields, Path, Token, Type, parenthesized, punctuated::Punctuated, spanned::Spanned};

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
    let options = Options::of(&item, &diagnostics);
    diagnostics.or_errors(|| {
        let (generics, arguments, bounds) = item.generics.split_for_impl();
        let name = &item.ident;
        let (names, types): (Vec<Ident>, Vec<&Type>) = fields.into_iter().map(|(n, t)| (n.clone(), t)).unzip();
        let ty = quote!(#name #arguments);
        let record = record_impls(&quote!(#generics), &ty, &quote!(#bounds), &names, &types);
        let chunks = chunks(&item, &names, &types, &options);
        quote!(#record #chunks)
    })
}

/// The options in `#[record(chunk = Name, derive(Eq, Hash))]`.
struct Options {
    /// The name of the chunks: `AnswersChunk` by default.
    chunk: Ident,
    /// The traits that the chunks derive beside those of every record.
    derives: Vec<Path>,
}

impl Options {
    fn of(item: &DeriveInput, diagnostics: &Diagnostics) -> Self {
        let chunk = format_ident!("{}Chunk", text(&item.ident), span = item.ident.span());
        let mut options = Options { chunk, derives: Vec::new() };
        for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("record")) {
            let parsed = attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("chunk") {
                    options.chunk = meta.value()?.parse()?;
                } else if meta.path.is_ident("derive") {
                    let paths;
                    parenthesized!(paths in meta.input);
                    options.derives.extend(Punctuated::<Path, Token![,]>::parse_terminated(&paths)?);
                } else {
                    return Err(meta.error(
                        "`#[record(..)]` has two options: `chunk = Name`, and `derive(Eq, Hash)` for the chunks",
                    ));
                }
                Ok(())
            });
            diagnostics.ok(parsed);
        }
        options
    }

    /// Returns whether the user derives a trait of this name.
    fn derives(&self, name: &str) -> bool {
        self.derives.iter().any(|path| path.segments.last().is_some_and(|last| last.ident == name))
    }
}

/// Generates the chunks of a map that fills the struct: an enum with a variant per field.
fn chunks(item: &DeriveInput, names: &[Ident], types: &[&Type], options: &Options) -> TokenStream {
    let chunk = &options.chunk;
    let variants: Vec<Ident> = names.iter().map(variant_name).collect();
    let distinct: HashSet<&Ident> = variants.iter().collect();
    // Fields that variants cannot tell apart, and more than twelve fields, are buffered.
    if names.is_empty() || names.len() > 12 || distinct.len() < names.len() {
        return TokenStream::new();
    }
    let (vis, name) = (&item.vis, &item.ident);
    let (_, arguments, bounds) = item.generics.split_for_impl();
    let params: Vec<Ident> = variants.iter().map(|variant| format_ident!("{variant}")).collect();
    let locals = locals(names.len());
    let mut with_chunks = item.generics.clone();
    let hidden: Vec<Ident> = (0..names.len()).map(|i| format_ident!("__T{i}")).collect();
    with_chunks
        .params
        .extend(hidden.iter().map(|t| -> syn::GenericParam { syn::parse_quote!(#t: ::core::marker::Send + 'static) }));
    let (chunk_generics, _, _) = with_chunks.split_for_impl();
    let (generics, _, _) = item.generics.split_for_impl();
    let (one_of, _) = variant(names.len(), 0);
    let letters = (0..names.len()).map(|i| variant(names.len(), i).1).collect::<Vec<_>>();
    let doc = format!(
        "A piece of a stream that fills a [`{name}`]: of one of its fields. Each has the chunks of the branch that fills it."
    );
    let texts: Vec<_> = names.iter().map(text).collect();
    let own = [("Clone", "clone"), ("Debug", "fmt"), ("PartialEq", "cmp")].into_iter();
    let own = own.filter(|(name, _)| !options.derives(name)).map(|(name, module)| {
        let (name, module) = (format_ident!("{name}"), format_ident!("{module}"));
        quote!(::core::#module::#name)
    });
    let derives = &options.derives;
    // The user's own derives of serde use the names that the chunks are serialized with.
    let by_serde = options.derives("Serialize") || options.derives("Deserialize");
    let renamed: Vec<_> = texts.iter().map(|text| by_serde.then(|| quote!(#[serde(rename = #text)]))).collect();
    let serialize = (!options.derives("Serialize")).then(|| serialize_chunk(chunk, &variants, names, &params));
    let copy = copy(&quote!(#chunk), &variants, &hidden);
    let docs = names.iter().map(|name| format!("A piece of `{}`.", text(name)));
    quote! {
        #[doc = #doc]
        #[automatically_derived]
        #[allow(dead_code, clippy::all, clippy::pedantic)]
        #[derive(#(#own,)* #(#derives,)*)]
        #vis enum #chunk<#(#params),*> {
            #(#[doc = #docs] #renamed #variants(#params),)*
        }
        #serialize
        #[automatically_derived]
        impl #generics ::catena::__private::Shape<(#(#types,)*)> for #name #arguments #bounds {
            type Record = Self;
            fn record((#(#locals,)*): (#(#types,)*)) -> Self {
                #name { #(#names: #locals),* }
            }
            fn values(__record: Self) -> (#(#types,)*) {
                (#(__record.#names,)*)
            }
        }
        #[automatically_derived]
        impl #chunk_generics ::catena::__private::ChunkShape<::catena::__private::#one_of<#(#hidden),*>>
            for #name #arguments #bounds
        {
            type Chunk = #chunk<#(#hidden),*>;
            fn chunk(__one: ::catena::__private::#one_of<#(#hidden),*>) -> Self::Chunk {
                match __one {
                    #(::catena::__private::#one_of::#letters(__chunk) => #chunk::#variants(__chunk),)*
                }
            }
            fn one(__chunk: Self::Chunk) -> ::catena::__private::#one_of<#(#hidden),*> {
                match __chunk {
                    #(#chunk::#variants(__chunk) => ::catena::__private::#one_of::#letters(__chunk),)*
                }
            }
            #copy
            fn look(__chunk: &Self::Chunk, __see: &mut dyn ::core::ops::FnMut(&'static ::core::primitive::str, &dyn ::core::any::Any)) {
                match __chunk {
                    #(#chunk::#variants(__chunk) => __see(#texts, __chunk),)*
                }
            }
        }
    }
}

/// Returns `GptMini` for `gpt_mini`.
fn variant_name(field: &Ident) -> Ident {
    let camel: String = text(field)
        .split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters.collect::<Vec<_>>())
        })
        .collect();
    // Underscores and digits alone are not a name.
    let named = camel.starts_with(char::is_alphabetic) && camel != "Self";
    format_ident!("{}", if named { camel } else { format!("_{camel}") }, span = field.span())
}
